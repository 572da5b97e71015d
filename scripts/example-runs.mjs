// How each program of examples/ is run and what it must print: nodes on loopback, one process each. Used for Node by
// scripts/examples.mjs, for other runtimes by scripts/runtimes.mjs.
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from './manifests.mjs'

// A program that hangs fails by itself (ms).
const timeLimit = 30_000

const runs = {
  chat: async start => {
    const alice = start('chat')
    const bob = start('chat', await alice.address())
    await alice.prints(/joined$/m)
    bob.says('hello\n')
    await alice.prints(/^12D3\w+: hello$/m)
    alice.says('hello Bob\n')
    await bob.prints(/^them: hello Bob$/m)
    bob.ends()
    await alice.prints(/ left$/m)
    await bob.succeeds()
    alice.ends()
    await alice.succeeds()
  },

  'file-drop': async (start, folder) => {
    const bytes = randomBytes(3_000_000)
    const file = path.join(folder, 'some file.bin')
    writeFileSync(file, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const received = path.join(folder, 'received')
    const receiver = start('file-drop', 'receive', received)
    const address = await receiver.address()
    const sender = start('file-drop', 'send', address, file)
    await sender.prints(/^some file.bin: 50 %$/m)
    await sender.prints(new RegExp(`^sent some file.bin, 3000000 bytes, sha256 ${sha256}$`, 'm'))
    await sender.succeeds()
    const arrived = createHash('sha256')
      .update(readFileSync(path.join(received, 'some file.bin')))
      .digest('hex')
    if (arrived !== sha256) throw new Error('the file differs from the one that was sent')

    // A sender that is cancelled half-way: the receiver keeps nothing of the file.
    const large = path.join(folder, 'large.bin')
    writeFileSync(large, '')
    truncateSync(large, 2 ** 30)
    const cancelled = start('file-drop', 'send', address, large)
    await cancelled.prints(/^large.bin: 10 %$/m)
    cancelled.interrupt()
    await cancelled.fails(/^cancelled$/m)
    await receiver.prints(/^large.bin was not received: /m)
    const kept = readdirSync(received)
    if (kept.join() !== 'some file.bin') throw new Error(`the receiver kept ${kept.join(', ')}`)
    await receiver.stop()
  },

  'request-response': async start => {
    const server = start('request-response')
    const address = await server.address()
    const ask = (...words) => start('request-response', address, ...words)
    await ask('get', 'colour').fails(/^failed: no value for colour$/m)
    await ask('put', 'colour', 'blue').succeeds(/^blue$/m)
    await ask('get', 'colour').succeeds(/^blue$/m)
    await server.stop()
  },

  'private-network': async (start, folder) => {
    const [key, otherKey] = ['swarm.key', 'other.key'].map(name => path.join(folder, name))
    await start('private-network', 'key', key).succeeds(/^wrote /m)
    await start('private-network', 'key', otherKey).succeeds(/^wrote /m)
    const listener = start('private-network', 'listen', key)
    const address = await listener.address()
    await start('private-network', 'ping', key, address).succeeds(/^the other node answered after [\d.]+ ms$/m)
    await listener.prints(/ connected$/m)
    await start('private-network', 'ping', otherKey, address).fails(/^failed: EncryptionFailedError: /m)
    await listener.stop()
  },

  metrics: async start => {
    const listener = start('metrics')
    const address = await listener.address()
    const [, endpoint] = await listener.prints(/^metrics at (http:\S+)$/m)
    await start('metrics', address, '3').succeeds(/^sent 3 greetings$/m)
    const text = await (await fetch(endpoint)).text()
    for (const line of [/^example_greetings_total 3$/m, /^libp2p_connection_manager_connections\{/m]) {
      if (!line.test(text)) throw new Error(`the metrics lack ${line}:\n${text.slice(0, 2000)}`)
    }
    await listener.stop()
  }
}

/** The examples, by name; each must be a file of the folder, and each file of the folder an example. */
export const exampleNames = Object.keys(runs)

/**
 * Runs an example by `command` with `args` before the file. Resolves to `{ ok, output }`; ends what it started.
 */
export async function runExample(name, command, args = []) {
  const folder = mkdtempSync(path.join(tmpdir(), 'weft-example-'))
  const started = []
  const start = (file, ...rest) => {
    const program = startProgram(command, [...args, path.join(root, 'examples', `${file}.mjs`), ...rest])
    started.push(program)
    return program
  }
  try {
    await runs[name](start, folder)
    return { ok: true, output: '' }
  } catch (error) {
    return { ok: false, output: `${error.message}\n${started.map(program => program.output()).join('\n')}` }
  } finally {
    for (const program of started) program.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

function startProgram(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'pipe' })
  const line = args.slice(args.findIndex(argument => argument.endsWith('.mjs'))).join(' ')
  let output = ''
  /** @type {number | string | undefined} Exit code or signal. */
  let ended
  let change = withResolvers()
  const changed = () => {
    change.resolve()
    change = withResolvers()
  }
  const add = chunk => {
    output += chunk
    changed()
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  child.stdin.on('error', () => {})
  child.on('error', error => add(error.message))
  child.on('close', (code, signal) => {
    ended = code ?? signal
    clearTimeout(limit)
    changed()
  })
  const limit = setTimeout(() => child.kill('SIGKILL'), timeLimit)

  async function prints(pattern) {
    for (;;) {
      const found = pattern.exec(output)
      if (found !== null) return found
      if (ended !== undefined) throw new Error(`${line}: ended with ${ended} and did not print ${pattern}`)
      await change.promise
    }
  }
  async function end() {
    while (ended === undefined) await change.promise
    return ended
  }
  return {
    prints,
    address: async () => (await prints(/^listening on (\S+)$/m))[1],
    says: text => child.stdin.write(text),
    ends: () => child.stdin.end(),
    interrupt: () => child.kill('SIGINT'),
    output: () => `--- ${line}\n${output}`,
    kill: () => child.kill('SIGKILL'),
    /** The program ends by itself with code 0. */
    async succeeds(pattern = /(?:)/) {
      if ((await end()) !== 0) throw new Error(`${line}: ended with ${ended}`)
      await prints(pattern)
    },
    /** The program ends by itself with code 1. */
    async fails(pattern) {
      if ((await end()) !== 1) throw new Error(`${line}: ended with ${ended}, not with 1`)
      await prints(pattern)
    },
    /** Sends SIGTERM; the program stops its node and ends with code 0. */
    async stop() {
      child.kill('SIGTERM')
      if ((await end()) !== 0) throw new Error(`${line}: ended with ${ended} after SIGTERM`)
    }
  }
}

function withResolvers() {
  const deferred = {}
  deferred.promise = new Promise((resolve, reject) => Object.assign(deferred, { resolve, reject }))
  return deferred
}
