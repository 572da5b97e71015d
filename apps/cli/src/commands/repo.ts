import type { Repo } from '@weft/repo'
import { Command } from 'commander'
import { CommandError } from '../errors.ts'
import type { Io } from '../io.ts'
import { byteText, print } from '../output.ts'
import { jsonText, oneLine } from '../terminal/text.ts'

interface Options {
  repo: string
  json?: boolean
}

/** Makes repositories, and looks after them. */
export function repoCommand(io: Io): Command {
  const command = new Command('repo').description('make a repository on disk, and look after it')
  const add = (name: string, description: string, act: (options: Options) => Promise<void>): Command => {
    const child = new Command(name)
      .description(description)
      .option('-r, --repo <folder>', 'where the repository is', '.weft')
      .option('--json', 'print one line of JSON')
      .action(act)
    command.addCommand(child)
    return child
  }
  add('init', 'make a repository', async options => await init(io, options))
  add('stat', 'count what it holds', async options => await stat(io, options))
  add('verify', 'read everything, and name what is damaged', async options => await verify(io, options)).option(
    '--repair',
    'accept what is lost of the datastore, and make it usable again'
  )
  add('gc', 'give space back that nothing needs', async options => await collect(io, options))
  add(
    'migrate',
    'bring it to the current layout, or take over blocks of another program',
    async options => await migrate(io, options)
  ).option('--from <folder>', 'a repository of kubo, js-ipfs or Helia: its blocks are copied')
  return command
}

async function init(io: Io, { repo: folder, json }: Options): Promise<void> {
  await using(folder, {}, async repo => print(io, json, { folder: repo.folder, version: (await repo.stat()).version }))
}

async function stat(io: Io, { repo: folder, json }: Options): Promise<void> {
  await using(folder, {}, async repo => {
    const found = await repo.stat()
    const shown = { blockBytes: byteText(found.blockBytes), datastoreBytes: byteText(found.datastoreBytes) }
    print(io, json, json === true ? { ...found } : { ...found, ...shown })
  })
}

async function verify(io: Io, { repo: folder, json, repair }: Options & { repair?: boolean }): Promise<void> {
  await using(folder, { acceptDataLoss: repair === true }, async repo => {
    const damaged: string[] = []
    for await (const { message } of repo.verify()) {
      damaged.push(message)
      if (json !== true) io.out(oneLine(message))
    }
    if (json === true) io.out(jsonText({ damaged }))
    else if (damaged.length === 0) io.out('nothing is damaged')
    if (damaged.length > 0) throw new CommandError(`${damaged.length} damaged`)
  })
}

async function collect(io: Io, { repo: folder, json }: Options): Promise<void> {
  await using(folder, {}, async repo => print(io, json, { ...(await repo.collectGarbage()) }))
}

async function migrate(io: Io, { repo: folder, json, from }: Options & { from?: string }): Promise<void> {
  const { openForeignRepo } = await import('@weft/repo')
  const foreign = from === undefined ? undefined : await openForeignRepo(from)
  try {
    await using(folder, {}, async repo => {
      let blocks = 0
      for await (const { cid, bytes } of foreign?.blocks.getAll() ?? []) {
        io.signal.throwIfAborted()
        await repo.blocks.put(cid, bytes)
        blocks++
      }
      print(io, json, { folder: repo.folder, version: (await repo.stat()).version, blocks })
    })
  } finally {
    await foreign?.close()
  }
}

async function using(
  folder: string,
  options: { acceptDataLoss?: boolean },
  use: (repo: Repo) => Promise<void>
): Promise<void> {
  // Only here: the binary of LevelDB is loaded with it.
  const { createRepo } = await import('@weft/repo')
  const repo = await createRepo(folder, options)
  try {
    await use(repo)
  } finally {
    await repo.close()
  }
}
