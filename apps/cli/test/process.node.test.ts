import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newFolder } from './runner.ts'

// Inside the root, from where other packages are found.
const program = fileURLToPath(new URL(`../../../.weft/cli-test-${process.pid}.mjs`, import.meta.url))
const foreignPackages: Plugin = {
  name: 'leave-foreign-packages',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./#]/ }, ({ path: name, kind }) =>
      kind === 'entry-point' || name.startsWith('@weft/') ? undefined : { path: name, external: true }
    )
  }
}

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    conditions: ['weft-source'],
    plugins: [foreignPackages],
    logLevel: 'silent'
  })
})

afterAll(() => rm(program, { force: true }))

function start(argv: string[]): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** The same after some lines of a module, which stand for what is wrong with the process. */
function startAfter(preload: string, argv: string[]): ChildProcessByStdio<null, Readable, Readable> {
  const module = `data:text/javascript,${encodeURIComponent(preload)}`
  return spawn(process.execPath, ['--import', module, program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
}

it('runs a node until SIGINT, and exits with 0', async () => {
  const dir = path.join(await newFolder(), 'data')
  const child = start(['node', '--listen', '/ip4/127.0.0.1/tcp/0', '--dir', dir])
  const exit = once(child, 'exit')
  const [address] = await once(createInterface(child.stdout), 'line')
  expect(address).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3Koo/)
  expect((await stat(path.join(dir, 'identity.key'))).mode & 0o777).toBe(0o600)

  const ping = start(['ping', String(address), '-c', '1', '--json'])
  const [json] = await once(createInterface(ping.stdout), 'line')
  expect(JSON.parse(String(json))).toMatchObject({ received: 1 })
  child.kill('SIGINT')
  expect(await exit).toEqual([0, null])
})

it('removes its control socket when it is interrupted', async () => {
  const dir = path.join(await newFolder(), 'data')
  const child = start(['node', '--listen', '/ip4/127.0.0.1/tcp/0', '--dir', dir, '--control'])
  const exit = once(child, 'exit')
  await once(createInterface(child.stdout), 'line')
  // Somebody is connected, and something is asked.
  const client = connect(path.join(dir, 'control.sock'))
  client.on('error', () => {})
  client.write('{"command":"dials"}\n')
  expect(String((await once(client, 'data'))[0])).toBe('{"end":{}}\n')
  child.kill('SIGINT')
  expect(await exit).toEqual([0, null])
  expect(await readdir(dir)).toEqual(['identity.key'])
})

it('exits with 2 for a wrong command line', async () => {
  const child = spawn(process.execPath, [program, 'nothing'], { stdio: 'ignore' })
  expect(await once(child, 'exit')).toEqual([2, null])
})

it.each([
  ['throws', "throw new Error('made for a test')"],
  ['rejects', "Promise.reject(new Error('made for a test'))"],
  ['throws what is no error', "throw 'made for a test'"]
])('exits with 70 and a trace where something of ours %s', async (_, mistake) => {
  const dir = path.join(await newFolder(), 'data')
  const preload = `process.on('SIGUSR2', () => { ${mistake} })`
  const child = startAfter(preload, ['node', '--listen', '/ip4/127.0.0.1/tcp/0', '--dir', dir])
  const exit = once(child, 'exit')
  const errors = text(child.stderr)
  await once(createInterface(child.stdout), 'line')
  child.kill('SIGUSR2')
  expect(await exit).toEqual([70, null])
  expect(await errors).toMatch(/^weft: this is a mistake in weft, please report it: (Error: )?made for a test/m)
})

it('is stopped by a signal, whatever it waits for', async () => {
  const preload = `
    import fs from 'node:fs/promises'
    import { syncBuiltinESMExports } from 'node:module'
    fs.mkdir = () => {
      console.log('waits')
      return new Promise(() => setInterval(() => {}, 1_000))
    }
    syncBuiltinESMExports()
  `
  const child = startAfter(preload, ['node', '--dir', path.join(await newFolder(), 'data')])
  const exit = once(child, 'exit')
  await once(createInterface(child.stdout), 'line')
  child.kill('SIGTERM')
  expect(await exit).toEqual([1, null])
})
