/** Runs `writer.ts` in a process of its own until it has acknowledged so much, and kills it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const root = path.join(import.meta.dirname, '../../../../..')
// Inside the root, so that the packages of others are found from there.
const built = path.join(root, 'node_modules', '.cache', 'weft-repo-crash')

export interface Acknowledged {
  readonly records: ReadonlySet<number>
  readonly blocks: ReadonlySet<number>
}

/** Bundles the writer. Gives its file. */
export async function buildWriter(): Promise<string> {
  const outfile = path.join(built, `writer-${process.pid}.mjs`)
  await build({
    entryPoints: [path.join(import.meta.dirname, 'writer.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['weft-source'],
    external: ['classic-level'],
    logLevel: 'silent'
  })
  return outfile
}

/** Compiles the shim. Gives its file; rejects where there is no C compiler. */
export async function buildShim(): Promise<string> {
  await mkdir(built, { recursive: true })
  const library = path.join(built, `shim-${process.pid}.so`)
  const source = path.join(import.meta.dirname, 'shim.c')
  await promisify(execFile)('cc', ['-O1', '-shared', '-fPIC', '-o', library, source, '-ldl', '-lpthread'])
  return library
}

/** Runs the writer and kills it with SIGKILL after `count` acknowledgements. */
export async function runWriter(
  args: string[],
  count: number,
  env: Record<string, string> = {}
): Promise<Acknowledged & { stderr: string }> {
  const records = new Set<number>()
  const blocks = new Set<number>()
  const child: ChildProcess = spawn(process.execPath, args, { stdio: 'pipe', env: { ...process.env, ...env } })
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += String(chunk)
  })
  const ended = once(child, 'exit')
  let lines = 0
  for await (const line of createInterface(child.stdout!)) {
    const [kind, number] = line.split(' ')
    if (kind === 'r') records.add(Number(number))
    if (kind === 'b') blocks.add(Number(number))
    // Lines that are on their way when the process is killed count too: they were acknowledged.
    if (++lines === count) child.kill('SIGKILL')
  }
  await ended
  return { records, blocks, stderr }
}
