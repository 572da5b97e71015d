import { once } from 'node:events'
import { chmod, chown, lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fork } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { maxClients, maxLineLength } from '../src/control/core/limits.ts'
import { serveControl } from '../src/control/server.ts'
import { run } from '../src/run.ts'
import { newFolder, startNode, weft } from './runner.ts'

// Milliseconds: a test runs several commands, each with a node of its own, and the machine may be busy.
const timeout = 30_000

let dir: string
let socket: string
let node: Awaited<ReturnType<typeof startNode>>
let other: Awaited<ReturnType<typeof startNode>>
let otherAddress: string
let otherId: string

beforeAll(async () => {
  dir = path.join(await newFolder(), 'node')
  socket = path.join(dir, 'control.sock')
  node = await startNode('--dir', dir, '--control')
  other = await startNode('--dir', await newFolder())
  otherAddress = other.lines[0]!
  otherId = otherAddress.split('/p2p/')[1]!
})

afterAll(async () => {
  await other.stop()
  expect(await node.stop()).toBe(0)
  expect(await readdir(dir)).toEqual(['identity.key'])
})

/** A client that speaks for itself: what it is answered, line by line, until it is closed. */
async function talk(text: string | Uint8Array): Promise<any[]> {
  const client = connect(socket)
  client.write(text)
  const answers: any[] = []
  for await (const line of createInterface(client)) answers.push(JSON.parse(line))
  return answers
}

async function json(...argv: string[]): Promise<any> {
  const { code, out, err } = await weft([...argv, '--json', '--dir', dir])
  expect([code, err, out.length]).toEqual([0, [], 1])
  return JSON.parse(out[0]!)
}

describe('a node with a control socket', { timeout }, () => {
  it('lets its owner alone in', async () => {
    expect((await lstat(socket)).mode & 0o777).toBe(0o600)
    expect((await lstat(dir)).mode & 0o777).toBe(0o700)
  })

  it('has none unless it is told to', async () => {
    const folder = await newFolder()
    const plain = await startNode('--dir', folder)
    expect(await readdir(folder)).toEqual(['identity.key'])
    expect((await weft(['peers', '--dir', folder])).error).toContain('weft node --control')
    await plain.stop()
  })

  it('connects, shows the connection, and disconnects', async () => {
    expect((await weft(['connections', '--dir', dir])).out).toEqual(['no connections'])
    expect(await json('dials')).toEqual([])
    const made = await json('connect', '--node', otherAddress)
    expect(made).toMatchObject({
      peerId: otherId,
      address: otherAddress,
      encryption: '/noise',
      time: expect.any(Number)
    })
    // By its id alone: it is connected already.
    expect(await json('connect', '--node', otherId)).toMatchObject({ peerId: otherId })

    const [connection, ...rest] = await json('connections')
    expect(rest).toEqual([])
    expect(connection).toMatchObject({
      peer: otherId,
      address: otherAddress,
      direction: 'outbound',
      transport: 'tcp',
      channel: '/noise',
      muxer: '/yamux/1.0.0',
      streams: expect.any(Number),
      age: expect.any(Number),
      tags: {}
    })
    const table = (await weft(['connections', '--control', socket])).out
    expect(table[0]).toMatch(/^peer +address +dir +transport +channel +muxer +streams +age +rtt +tags$/)
    expect(table[1]).toMatch(new RegExp(`^${otherId}  ${otherAddress.split('/p2p/')[0]}  out  tcp +noise +yamux `))
    expect(table.length).toBe(2)

    expect(await json('peers')).toEqual([expect.objectContaining({ peer: otherId, connections: 1 })])
    expect((await weft(['peers', '--dir', dir])).out[1]).toContain(`${otherId}            1`)

    expect(await json('disconnect', otherId)).toEqual({ peerId: otherId, closed: 1 })
    expect(await json('connections')).toEqual([])
    expect((await weft(['disconnect', otherId, '--dir', dir])).error).toContain('no connection to')
  })

  it('shows a dial that is under way', async () => {
    // Accepts, and says nothing.
    const silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const accepted = once(silent, 'connection')
    const { port } = silent.address() as { port: number }
    const stop = new AbortController()
    const connecting = weft(['connect', '--node', `/ip4/127.0.0.1/tcp/${port}`, '--dir', dir], stop.signal)
    const [held] = (await accepted) as [Socket]
    const dialed = `/ip4/127.0.0.1/tcp/${port}`
    const [dial] = await json('dials')
    expect(dial).toEqual({
      ...{ id: expect.stringMatching(/^dial-\d+$/), status: 'active', elapsed: expect.any(Number) },
      addresses: [{ address: dialed, source: 'caller', state: expect.stringMatching(/^(connect|negotiate)$/) }]
    })
    const row = (await weft(['dials', '--dir', dir])).out[1]
    expect(row).toMatch(new RegExp(`^dial-\\d+ +active +unknown +[\\d.]+ m?s +caller +${dialed} +(connect|negotiate)`))
    // Whoever gives up ends the dial that nobody else waits for.
    held.on('error', () => {})
    const gone = new Promise(resolve => held.on('close', resolve))
    stop.abort()
    expect(await connecting).toMatchObject({ code: 1, err: ['weft: stopped'] })
    await gone
    expect(await json('dials')).toEqual([])
    silent.close()
  })

  it('shows its limits, what it holds and what it refused', async () => {
    await json('connect', '--node', otherAddress)
    const rows = await json('limits', '--node')
    const row = (scope: string, resource: string): unknown =>
      rows.find((found: any) => found.scope === scope && found.resource === resource)
    expect(row('system', 'connections')).toMatchObject({ unit: 'connections', used: 1, refused: 0 })
    // What a connection costs by itself.
    expect(row('peer', 'memory')).toMatchObject({ unit: 'bytes', used: 32_768 })
    const table = (await weft(['limits', '--node', '--dir', dir])).out
    expect(table[0]).toMatch(/^scope +limit +value +used +refused +option +reason$/)
    expect(table.length).toBe(rows.length + 1)
    await json('disconnect', otherId)
  })

  it('says why it could not connect', async () => {
    const { code, error } = await weft(['connect', '--node', '/ip4/127.0.0.1/tcp/1', '--dir', dir])
    expect([code, error]).toEqual([1, expect.any(String)])
    expect(error).toContain('ECONNREFUSED')
    for (const argv of [
      ['connect', '--node', 'nobody'],
      ['connect', '--node', otherId, node.lines[0]!.split('/p2p/')[1]!],
      ['connect', otherId],
      ['disconnect', otherAddress],
      ['clear-backoff', 'nobody']
    ]) {
      expect((await weft([...argv, '--dir', dir])).code).toBe(2)
    }
  })

  it('lets what failed lately be dialed again', async () => {
    await json('clear-backoff')
    const [gone, stranger] = [
      `/ip4/127.0.0.1/tcp/1/p2p/${otherId}`,
      `/ip4/127.0.0.1/tcp/1/p2p/${node.lines[0]!.split('/p2p/')[1]!}`
    ]
    const fail = async (): Promise<unknown> => (await weft(['connect', '--node', gone, '--dir', dir])).code
    expect(await fail()).toBe(1)
    expect(await json('clear-backoff', stranger)).toEqual({ cleared: 0 })
    expect(await json('clear-backoff', gone)).toEqual({ cleared: 1 })
    expect(await fail()).toBe(1)
    expect(await json('clear-backoff', otherId)).toEqual({ cleared: 1 })
    expect(await json('clear-backoff')).toEqual({ cleared: 0 })
    const { code, error } = await weft(['clear-backoff', '/ip4/127.0.0.1/tcp/1', '--dir', dir])
    expect([code, error]).toEqual([1, expect.stringContaining('names no peer')])
  })

  it('answers what it does not understand with an error, and lives on', async () => {
    for (const [wrong, code] of [
      ['\n', 'ERR_NOT_JSON'],
      [Uint8Array.of(0xff, 0x0a), 'ERR_NOT_JSON'],
      ['{"command":"stop"}\n', 'ERR_UNKNOWN_COMMAND'],
      ['{"command":"disconnect","peer":"x"}\n', 'ERR_INVALID_PARAMETERS'],
      ['{"command":"connect","targets":["/ip4/1"]}\n', 'ERR_MULTIADDR_VALUE'],
      [`${'['.repeat(maxLineLength)}\n`, 'ERR_NOT_JSON'],
      [new Uint8Array(maxLineLength + 1), 'ERR_LINE_TOO_LONG']
    ] as const) {
      const client = connect(socket)
      client.write(wrong)
      const [line] = await once(createInterface(client), 'line')
      client.destroy()
      expect(JSON.parse(line)).toEqual({ error: { name: expect.any(String), code, message: expect.any(String) } })
    }
    expect(await json('dials')).toEqual([])
  })

  it('answers several requests of a client in order', async () => {
    const answers = await talk('{"command":"dials"}\n{"command":"connections"}\n{"command":"x"}\n')
    expect(answers).toEqual([
      { end: {} },
      { end: {} },
      { error: expect.objectContaining({ code: 'ERR_UNKNOWN_COMMAND' }) }
    ])
  })

  it('takes so many clients, and one more when one has left', async () => {
    const clients = Array.from({ length: maxClients }, () => connect(socket))
    await Promise.all(clients.map(async client => await once(client, 'connect')))
    // They are taken in order: the last of them is, when it is answered.
    clients.at(-1)!.write('{"command":"dials"}\n')
    await once(clients.at(-1)!, 'data')
    const { code, err } = await weft(['dials', '--dir', dir])
    expect([code, err]).toEqual([1, [`weft: ${maxClients} clients are connected: try again later`]])
    for (const client of clients) client.destroy()
    // The node sees them leave before it sees another come.
    expect(await json('dials')).toEqual([])
  })

  it('is not asked where its socket is not what it should be', async () => {
    const folder = await newFolder()
    await symlink(socket, path.join(folder, 'control.sock'))
    expect((await weft(['dials', '--dir', folder])).error).toContain('is no socket')
  })
})

describe('weft node --control', { timeout }, () => {
  it('names the socket of a node that runs', async () => {
    const { code, error } = await weft(['node', '--dir', await newFolder(), '--control', socket])
    expect([code, error]).toEqual([1, expect.any(String)])
    expect(error).toContain(`a node that runs has ${socket}`)
    expect(await json('dials')).toEqual([])
  })

  it('replaces the socket of a process that is dead', async () => {
    const folder = await newFolder()
    const file = path.join(folder, 'control.sock')
    const program = `require('node:net').createServer().listen(${JSON.stringify(file)}, () => process.exit(0))`
    const script = path.join(folder, 'leave-socket.cjs')
    await writeFile(script, program)
    await once(fork(script), 'exit')
    expect((await lstat(file)).isSocket()).toBe(true)
    expect((await weft(['dials', '--dir', folder])).error).toContain(`no node answers at ${file}`)

    const started = await startNode('--dir', folder, '--control', '--json')
    expect(JSON.parse(started.lines[0]!)).toMatchObject({ control: file })
    expect((await weft(['dials', '--dir', folder])).out).toEqual(['no dials'])
    expect(await started.stop()).toBe(0)
    expect((await readdir(folder)).toSorted()).toEqual(['identity.key', 'leave-socket.cjs'])
  })

  it('refuses folders that others may enter, links, other files and long paths', async () => {
    const folder = await newFolder()
    const start = async (file: string): Promise<string> => {
      const { code, error } = await weft([
        'node',
        '--listen',
        '/ip4/127.0.0.1/tcp/0',
        '--dir',
        folder,
        '--control',
        file
      ])
      expect([code, error]).toEqual([1, expect.any(String)])
      return error!
    }
    const open = path.join(folder, 'open')
    await mkdir(open)
    await chmod(open, 0o750)
    expect(await start(path.join(open, 'x.sock'))).toContain(`chmod 700 ${open}`)

    const link = path.join(folder, 'link')
    await symlink(dir, link)
    expect(await start(path.join(link, 'x.sock'))).toContain(`${link} is no folder`)

    await symlink(path.join(folder, 'nowhere'), path.join(folder, 'dangling'))
    expect(await start(path.join(folder, 'dangling'))).toContain('is no socket')
    expect(await start(path.join(folder, 'identity.key'))).toContain('is no socket')
    expect(await start(path.join(folder, 'x'.repeat(104)))).toContain('choose a shorter path')
    expect((await readdir(folder)).toSorted()).toEqual(['dangling', 'identity.key', 'link', 'open'])
    expect(await readdir(open)).toEqual([])
    await rm(folder, { recursive: true })
  })

  it.skipIf(process.getuid?.() !== 0)("refuses another user's folder (only the superuser can make one)", async () => {
    const folder = await newFolder()
    await chown(folder, 65_534, 65_534)
    await expect(
      serveControl(path.join(folder, 'x.sock'), () => {
        throw new Error('unreachable')
      })
    ).rejects.toThrow("another user's")
  })
})

describe('weft connect --trace', { timeout }, () => {
  const stages = /^caller {2}\/ip4\/127\.0\.0\.1\/tcp\/\d+ +[.cnsm]*\*i* +connected, [\d.]+ m?s$/

  it('draws how an address connected', async () => {
    const { code, out, err } = await weft(['connect', '--trace', otherAddress])
    expect([code, err]).toEqual([0, []])
    expect(out[0]).toMatch(new RegExp(`^${otherId}: 1 address, connected after [\\d.]+ m?s$`))
    expect(out[1]).toMatch(/^source {2}address +0 +[\d.]+ m?s {2}outcome$/)
    expect(out[2]).toMatch(stages)
    expect(out[3]).toContain('* connected')
    for (const line of out) expect(line.length).toBeLessThanOrEqual(120)
  })

  it('draws why none did, and fails', async () => {
    const addresses = [`/ip4/127.0.0.1/tcp/1/p2p/${otherId}`, `/ip4/127.0.0.1/udp/1/quic-v1/p2p/${otherId}`]
    const { code, out, error } = await weft(['connect', '--trace', ...addresses])
    expect(code).toBe(1)
    expect(out[0]).toMatch(/: 2 addresses, failed after /)
    expect(out.join('\n')).toMatch(/tcp\/1 +.*x.*failed at connect.*\n? *.*ECONNREFUSED/)
    expect(out.join('\n')).toMatch(/quic-v1 .*left out(: |\n +)no transport can dial it/)
    expect(error).toMatch(new RegExp(`^weft: no address of ${otherId} connected \\(.*nothing listens`))
  })

  it('gives the steps as JSON, of dials that fail too', async () => {
    const { code, out } = await weft(['connect', '--trace', '--json', otherAddress])
    expect([code, out.length]).toEqual([0, 1])
    const made = JSON.parse(out[0]!)
    expect(made).toMatchObject({
      peerId: otherId,
      transport: 'tcp',
      time: expect.any(Number),
      identified: expect.any(Number)
    })
    const kinds = made.trace.filter(({ address }: any) => address === otherAddress).map(({ kind }: any) => kind)
    expect([kinds[0], kinds[1], kinds.at(-1)]).toEqual(['added', 'started', 'connected'])

    const failed = await weft(['connect', '--trace', '--json', '/ip4/127.0.0.1/tcp/1'])
    expect([failed.code, failed.error]).toEqual([1, expect.any(String)])
    const record = JSON.parse(failed.out[0]!)
    expect(record).toMatchObject({ error: { name: 'ConnectionFailedError' }, time: expect.any(Number) })
    expect(record.trace).toContainEqual({
      ...{ kind: 'failed', at: expect.any(Number), address: '/ip4/127.0.0.1/tcp/1', stage: 'connect' },
      elapsed: expect.any(Number),
      error: {
        name: 'ConnectionFailedError',
        code: expect.any(String),
        message: expect.stringContaining('ECONNREFUSED')
      }
    })
  })

  it('has a running node tell of its dial, and that there was none', async () => {
    // Several addresses, and the id for the one that has none.
    const bare = otherAddress.split('/p2p/')[0]!
    const { code, out } = await weft([
      'connect',
      '--node',
      '--trace',
      '/ip4/127.0.0.1/tcp/1',
      bare,
      otherId,
      '--dir',
      dir
    ])
    expect(code).toBe(0)
    expect(out[0]).toMatch(new RegExp(`^${otherId}: 2 addresses, connected after`))
    expect(out.filter(line => stages.test(line)).length).toBe(1)
    const again = await weft(['connect', '--node', '--trace', otherId, '--dir', dir])
    expect(again.out).toEqual([`${otherId}: was connected already`])
    await json('disconnect', otherId)
    const failed = await weft(['connect', '--node', '--trace', '/ip4/127.0.0.1/tcp/1', '--dir', dir])
    expect([failed.code, failed.out[0]]).toEqual([1, expect.stringContaining('1 address, failed after')])
  })

  it('is drawn anew in place on a terminal, and at last in full', async () => {
    const drawn: string[][] = []
    const terminal = {
      colours: false,
      columns: () => 80,
      rows: () => 24,
      redraw: (lines: readonly string[]) => void drawn.push([...lines])
    }
    const silent = createServer(socket => socket.on('error', () => {}))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as { port: number }
    const stop = new AbortController()
    const out: string[] = []
    const code = await run(['connect', '--trace', `/ip4/127.0.0.1/tcp/${port}`], {
      ...{ out: line => void out.push(line), err: () => {}, draw: undefined, signal: stop.signal },
      terminal: {
        ...terminal,
        redraw(lines) {
          terminal.redraw(lines)
          if (lines.join('').includes('at negotiate')) stop.abort()
        }
      }
    })
    silent.close()
    expect([code, out]).toEqual([1, []])
    expect(drawn.length).toBeGreaterThan(1)
    expect(drawn.at(-2)![0]).toMatch(/1 address, dialing for/)
    expect(drawn.at(-1)![0]).toMatch(/1 address, failed after/)
  })
})
