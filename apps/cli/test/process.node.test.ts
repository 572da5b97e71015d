import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newFolder } from './runner.ts'

// Inside the root, from where packages of others are found.
const folder = fileURLToPath(new URL(`../../../.weft/cli-test-${process.pid}`, import.meta.url))
const program = path.join(folder, 'command.js')

// As it is published.
beforeAll(async () => {
  await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL('../../../scripts/bundle-command.mjs', import.meta.url)),
    folder
  ])
})

afterAll(() => rm(folder, { recursive: true, force: true }))

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

it('finds Prometheus beside its bundle, and says whose code is inside', async () => {
  const dir = path.join(await newFolder(), 'data')
  const argv = ['node', '--listen', '/ip4/127.0.0.1/tcp/0', '--dir', dir, '--json', '--metrics', '127.0.0.1:0']
  const child = start(argv)
  const exit = once(child, 'exit')
  const [json] = await once(createInterface(child.stdout), 'line')
  const { metrics } = JSON.parse(String(json)) as { metrics: string }
  expect(await (await fetch(metrics)).text()).toContain('libp2p_')
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
  const licences = await readFile(path.join(folder, 'LICENSES.txt'), 'utf8')
  for (const name of ['commander', '@noble/hashes', 'multiformats']) expect(licences).toContain(`\n${name} `)
})
