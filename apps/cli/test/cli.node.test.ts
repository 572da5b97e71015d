import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newFolder, startNode, weft } from './runner.ts'

const runFile = promisify(execFile)

let dir: string
let node: Awaited<ReturnType<typeof startNode>>
let address: string
let peerId: string

beforeAll(async () => {
  // Loads every command, and with them most packages: the sources are compiled as they are first loaded.
  await weft(['--help'])
  dir = path.join(await newFolder(), 'node')
  node = await startNode('--dir', dir)
  address = node.lines[0]!
  peerId = address.split('/p2p/')[1]!
})

afterAll(async () => {
  expect(await node.stop()).toBe(0)
})

describe('the command line', () => {
  it('shows help', async () => {
    const { code, out } = await weft(['--help'])
    expect(code).toBe(0)
    expect(out[0]).toBe('Usage: weft [options] [command]')
    expect((await weft(['ping', '--help'])).out.join('\n')).toContain('--count')
  })

  it('says which version it is', async () => {
    const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'))
    expect(await weft(['--version'])).toMatchObject({ code: 0, out: [version], err: [] })
  })

  it('says what is wrong with it, within 100 columns', async () => {
    for (const argv of [
      ['nothing'],
      ['ping'],
      ['ping', address, '--wrong'],
      ['ping', 'nowhere'],
      ['ping', address, '-c', '0'],
      ['perf', address, '--upload', '1X'],
      ['multiaddr', 'zz'],
      ['node', '--listen', 'everywhere', '--dir', dir],
      ['key', 'generate', '--type', 'none']
    ]) {
      const { code, out, err, error } = await weft(argv)
      expect([code, out]).toEqual([2, []])
      expect(error).toMatch(/^weft: /)
      for (const line of err) expect(line.length).toBeLessThanOrEqual(100)
    }
  })
})

describe('weft node', () => {
  it('prints its addresses and keeps its identity', async () => {
    expect(node.lines).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3Koo\w+$/)])
    expect((await weft(['id', '--dir', dir])).out).toEqual([peerId])
    const again = await startNode('--dir', dir, '--json')
    expect(JSON.parse(again.lines[0]!)).toEqual({ peerId, addresses: [expect.stringContaining(peerId)] })
    expect(await again.stop()).toBe(0)
  })

  it('answers Prometheus where it is told to, and says what is no place for it', async () => {
    const { lines, stop } = await startNode('--dir', await newFolder(), '--json', '--metrics', '127.0.0.1:0')
    const { metrics } = JSON.parse(lines[0]!) as { metrics: string }
    const text = await (await fetch(metrics)).text()
    expect(text).toContain('libp2p_connection_manager_connections{libp2p_connection_manager_connections="inbound"} 0')
    expect(await stop()).toBe(0)
    await expect(fetch(metrics)).rejects.toThrow()
    const wrong = await weft(['node', '--metrics', 'nowhere'])
    expect(wrong.code).toBe(2)
    expect(wrong.error).toContain('--metrics: "nowhere" is no address such as 127.0.0.1:9090')
  })

  it('says on which interfaces it listens', async () => {
    const own = Object.entries(networkInterfaces())
    const [name] = own.find(([, list]) => list?.some(({ address: ip }) => ip === '127.0.0.1'))!
    expect(node.errors).toContain(`Listens on ${name} (this machine only)`)
    const everywhere = await startNode('--listen', '/ip4/0.0.0.0/tcp/0', '--dir', await newFolder())
    const said = everywhere.errors
      .find(line => line.startsWith('Listens on '))
      ?.replace('Listens on ', '')
      .split(', ')
    const withIp4 = own.filter(([, list]) => list?.some(({ family }) => family === 'IPv4')).map(([iface]) => iface)
    expect(said?.map(text => text.split(' ')[0])).toEqual(withIp4)
    expect(await everywhere.stop()).toBe(0)
  })

  // A folder in which the system makes none, one for all, a file, and what is below them.
  it.each(['/proc/weft', '/proc/weft/below', '/proc/self/fd', '/dev/null', '/dev/null/below'])(
    'refuses %s as its folder at once',
    async folder => {
      for (const argv of [
        ['--dir', folder],
        ['--dir', dir, '--control', `${folder}/control.sock`]
      ]) {
        const { code, out, error } = await weft(['node', '--listen', '/ip4/127.0.0.1/tcp/0', ...argv])
        expect({ code, out }).toEqual({ code: 1, out: [] })
        expect(error).toMatch(/choose another/)
        expect(error?.match(/choose another/g)).toHaveLength(1)
      }
    }
  )

  it('says which address is taken', async () => {
    const other = await newFolder()
    const listen = address.split('/p2p/')[0]!
    const { code, error } = await weft(['node', '--listen', listen, '--dir', other])
    expect(code).toBe(1)
    expect(error).toContain('choose another with --listen')
  })
})

describe('weft identify, connect, ping, perf', () => {
  it('says who a peer is', async () => {
    const { code, out } = await weft(['identify', address, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out[0]!)).toMatchObject({
      peerId,
      agentVersion: expect.stringMatching(/^weft\//),
      signed: true,
      transport: 'tcp',
      encryption: '/noise',
      multiplexer: '/yamux/1.0.0',
      agreed: { encryption: 'multistream-select', multiplexer: 'handshake' },
      protocols: ['/ipfs/id/1.0.0', '/ipfs/id/push/1.0.0', '/ipfs/ping/1.0.0']
    })
    const text = (await weft(['identify', address])).out
    expect(text[0]).toBe(`peerId           ${peerId}`)
    expect(text).toContain('                 /ipfs/id/push/1.0.0')
    expect(text).toContain('encryption       /noise, by multistream-select')
    expect(text).toContain('multiplexer      /yamux/1.0.0, in the handshake of the channel')
  })

  it('says how it is connected', async () => {
    const { code, out } = await weft(['connect', address, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out[0]!)).toMatchObject({ peerId, address, encryption: '/noise', multiplexer: '/yamux/1.0.0' })
    expect((await weft(['connect', address])).out.length).toBe(6)
  })

  it('measures round trips', async () => {
    const { code, out } = await weft(['ping', address, '-c', '3', '-i', '0'])
    expect([code, out.length]).toEqual([0, 4])
    expect(out[3]).toMatch(/^3 of 3 answered, least \/ mean \/ most: [\d.]+ ms/)
    const json = JSON.parse((await weft(['ping', address, '-c', '1', '--json'])).out[0]!)
    expect(json).toMatchObject({ peerId, sent: 1, received: 1, times: [expect.any(Number)] })
  })

  it('measures throughput of a node that was told to answer, and of no other', async () => {
    const refused = await weft(['perf', address, '-u', '1k', '-d', '1k'])
    expect([refused.code, refused.error]).toEqual([1, expect.stringMatching(/^weft: /)])
    const { lines, stop } = await startNode('--dir', await newFolder(), '--perf', '--echo', '--json')
    const [measured] = (JSON.parse(lines[0]!) as { addresses: string[] }).addresses as [string]
    const { protocols } = JSON.parse((await weft(['identify', measured, '--json'])).out[0]!)
    expect(protocols).toEqual(expect.arrayContaining(['/perf/1.0.0', '/echo/1.0.0']))
    const { code, out } = await weft(['perf', measured, '--upload', '1M', '--download', '64Ki', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out[0]!)).toMatchObject({
      upload: { bytes: 1_000_000, bytesPerSecond: expect.any(Number) },
      download: { bytes: 65_536 }
    })
    expect((await weft(['perf', measured, '-u', '0', '-d', '1M'])).code).toBe(0)
    expect((await weft(['perf', measured, '-u', '1k', '-d', '1k'])).out[1]).toMatch(/^upload {4}1.0 kB in [\d.]+ s, /)
    expect(await stop()).toBe(0)
  })

  it('says why it failed, and what to do', async () => {
    for (const command of ['identify', 'connect', 'ping', 'perf']) {
      const { code, out, error } = await weft([command, '/ip4/127.0.0.1/tcp/1'])
      expect([code, out]).toEqual([1, []])
      expect(error).toContain('nothing listens there')
    }
    const wrongPeer = address.replace(/p2p\/.*/, 'p2p/12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v')
    expect((await weft(['connect', wrongPeer])).error).toContain('another peer answers there')
    expect((await weft(['connect', '/memory/1'])).error).toContain('use an address with /tcp')
  })

  it('says what became of each address once, within 100 columns', async () => {
    const id = '12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v'
    const { code, err } = await weft(['connect', `/ip4/127.0.0.1/tcp/1/p2p/${id}`, `/ip4/127.0.0.1/tcp/2/p2p/${id}`])
    expect([code, err]).toEqual([
      1,
      [
        `weft: no address of ${id} connected:`,
        '  /ip4/127.0.0.1/tcp/1: ECONNREFUSED, nothing listens there: check the address and the node',
        '  /ip4/127.0.0.1/tcp/2: ECONNREFUSED, nothing listens there: check the address and the node'
      ]
    ])
    const other = await weft(['node', '--listen', '/ip4/127.0.0.1/udp/1', '--dir', await newFolder()])
    expect(other.err).toEqual([
      'weft: /ip4/127.0.0.1/udp/1: no transport listens on it: choose an address with /tcp with --listen'
    ])
    const taken = await weft(['node', '--metrics', '192.0.2.1:9464', '--dir', await newFolder()])
    expect(taken.err).toEqual([
      'weft: cannot listen on 192.0.2.1:9464 (EADDRNOTAVAIL): choose another address with --metrics'
    ])
    const long = await weft(['ping', `/dns4/${'a.'.repeat(60)}invalid/tcp/1/p2p/${id}`])
    expect(long.err.join(' ').split('has no address').length).toBe(2)
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const argv = ['ping', address, '-c', '1000', '-i', '10000']
    expect(await weft(argv, stop.signal, () => stop.abort())).toMatchObject({ code: 0 })
    expect(await weft(['connect', address], AbortSignal.abort())).toMatchObject({ code: 1, err: ['weft: stopped'] })
  })
})

describe('weft key', () => {
  it('makes a key that only its owner reads', async () => {
    const folder = path.join(await newFolder(), 'deep', 'new')
    const { code, out } = await weft(['key', 'generate', '--dir', folder, '--json'])
    expect(code).toBe(0)
    const made = JSON.parse(out[0]!)
    expect(made).toEqual({ peerId: expect.any(String), type: 'Ed25519', file: path.join(folder, 'identity.key') })
    expect((await stat(made.file)).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await readdir(folder)).toEqual(['identity.key'])

    const secret = (await readFile(made.file, 'utf8')).trim()
    const shown = await weft(['key', 'show', '--dir', folder])
    expect(shown.out.join('\n')).toContain(made.peerId)
    expect(shown.out.join('\n')).not.toContain(secret)
    expect((await weft(['key', 'show', '--dir', folder, '--export'])).out.join('\n')).toContain(secret)

    expect(await weft(['key', 'generate', '--dir', folder])).toMatchObject({ code: 1, out: [] })
    expect((await readFile(made.file, 'utf8')).trim()).toBe(secret)
  })

  it('keeps one of several that are made at once, and only that one is acknowledged', async () => {
    const folder = await newFolder()
    const made = await Promise.all(
      Array.from({ length: 8 }, () => weft(['key', 'generate', '--dir', folder, '--json']))
    )
    const [kept, ...more] = made.filter(({ code }) => code === 0)
    expect(more).toEqual([])
    const { peerId: id } = JSON.parse(kept!.out[0]!)
    expect((await weft(['id', '--dir', folder])).out).toEqual([id])
    for (const { code, err } of made) if (code !== 0) expect(err[0]).toContain('is there already')
    expect(await readdir(folder)).toEqual(['identity.key'])
    // Nodes that are started at once in one folder are of one identity.
    const shared = await newFolder()
    const nodes = await Promise.all([startNode('--dir', shared), startNode('--dir', shared)])
    const ids = nodes.map(({ lines }) => lines[0]!.split('/p2p/')[1])
    expect(ids[0]).toBe(ids[1])
    await Promise.all(nodes.map(({ stop }) => stop()))
  })

  it('does not wait for what is no file', async () => {
    const folder = await newFolder()
    const fifo = path.join(folder, 'identity.key')
    await runFile('mkfifo', ['-m', '600', fifo])
    for (const argv of [['id'], ['key', 'generate'], ['node']]) {
      const { code, err } = await weft([...argv, '--dir', folder])
      expect([code, err]).toEqual([1, [`weft: ${fifo} is no file: a key is read from a regular file only`]])
    }
    const psk = await weft(['node', '--psk', fifo, '--dir', await newFolder()])
    expect(psk.error).toContain('is no file')
  })

  it('makes keys of other types', async () => {
    for (const type of ['secp256k1', 'ECDSA']) {
      const folder = await newFolder()
      expect((await weft(['key', 'generate', '--type', type, '--dir', folder])).code).toBe(0)
      expect((await weft(['key', 'show', '--dir', folder])).out).toContain(`type    ${type}`)
    }
  })

  it('refuses files and folders that others may touch, and says how to mend it', async () => {
    const folder = await newFolder()
    await weft(['key', 'generate', '--dir', folder])
    const file = path.join(folder, 'identity.key')
    await chmod(file, 0o644)
    for (const argv of [['id'], ['key', 'show'], ['key', 'generate'], ['node']]) {
      const { code, out, error } = await weft([...argv, '--dir', folder])
      expect([code, out]).toEqual([1, []])
      expect(error).toEqual(`weft: other users may read ${file} (its mode is 644): run \`chmod 600 ${file}\``)
    }
    await chmod(file, 0o600)
    await chmod(folder, 0o777)
    expect((await weft(['id', '--dir', folder])).error).toContain(`chmod 700 ${folder}`)
    const open = path.join(await newFolder(), 'open')
    await mkdir(open)
    await chmod(open, 0o777)
    expect((await weft(['key', 'generate', '--dir', open])).code).toBe(1)
    expect(await readdir(open)).toEqual([])
  })

  it('says what is wrong with a file', async () => {
    const folder = await newFolder()
    expect((await weft(['id', '--dir', folder])).error).toContain('weft key generate')
    expect((await weft(['key', 'show', '--dir', folder])).error).toContain('weft key generate')
    for (const content of ['', 'not a key', 'x'.repeat(20_000)]) {
      await writeFile(path.join(folder, 'identity.key'), content, { mode: 0o600 })
      expect((await weft(['id', '--dir', folder])).error).toContain('holds no private key')
    }
  })
})

describe('a private network', () => {
  async function pskFile(mode = 0o600): Promise<string> {
    const { code, out } = await weft(['key', 'psk'])
    expect([code, out]).toEqual([0, ['/key/swarm/psk/1.0.0/', '/base16/', expect.stringMatching(/^[0-9a-f]{64}$/)]])
    const file = path.join(await newFolder(), 'swarm.key')
    await writeFile(file, `${out.join('\n')}\n`, { mode })
    return file
  }

  it('is joined by who has the key, and by nobody else', async () => {
    const [psk, other] = [await pskFile(), await pskFile()]
    const { lines, stop } = await startNode('--dir', await newFolder(), '--psk', psk, '--perf')
    const inside = lines[0]!
    for (const command of ['identify', 'connect', 'ping', 'perf']) {
      const fast = command === 'ping' ? ['-c', '1'] : command === 'perf' ? ['-u', '1k', '-d', '1k'] : []
      expect((await weft([command, inside, '--psk', psk, ...fast])).code).toBe(0)
    }
    for (const argv of [
      ['connect', inside],
      ['connect', inside, '--psk', other],
      ['connect', address, '--psk', psk]
    ]) {
      expect(await weft(argv)).toMatchObject({ code: 1, out: [], error: expect.stringMatching(/^weft: /) })
    }
    expect(await stop()).toBe(0)
  })

  it('has a key file that only its owner reads', async () => {
    const folder = await newFolder()
    const [missing, open, wrong] = [path.join(folder, 'none'), await pskFile(0o644), path.join(folder, 'wrong')]
    await writeFile(wrong, 'x'.repeat(1000), { mode: 0o600 })
    for (const [file, why] of [
      [missing, 'make one with `weft key psk`'],
      [open, `run \`chmod 600 ${open}\``],
      [wrong, 'no key file']
    ] as const) {
      const { code, error } = await weft(['node', '--dir', folder, '--psk', file])
      expect([code, error]).toEqual([1, expect.any(String)])
      expect(error).toContain(why)
    }
    expect((await weft(['connect', address, '--node', '--psk', open])).code).toBe(2)
  })

  it('prints a key as JSON', async () => {
    const { psk } = JSON.parse((await weft(['key', 'psk', '--json'])).out[0]!)
    expect(psk.length).toBe(95)
  })
})

describe('weft limits', () => {
  it('shows the limits that hold by default, with options and reasons', async () => {
    const { code, out } = await weft(['limits'])
    expect(code).toBe(0)
    expect(out[0]).toMatch(/^scope +limit +value +option +reason$/)
    expect(out).toContainEqual(expect.stringMatching(/^stream +memory +16 MiB +resourceLimits\.stream\.memory +\S/))
    const rows = JSON.parse((await weft(['limits', '--json'])).out[0]!)
    expect(rows.length).toBe(out.length - 1)
    expect(rows).toContainEqual({
      ...{ scope: 'connection', resource: 'streamsInbound', value: 1024, unit: 'streams' },
      ...{ option: 'resourceLimits.connection.streamsInbound', reason: expect.stringContaining('muxers') }
    })
  })
})

describe('weft multiaddr', () => {
  const text = '/ip4/127.0.0.1/udp/4001/quic-v1'
  it('takes addresses and hex apart', async () => {
    const json = JSON.parse((await weft(['multiaddr', text, '--json'])).out[0]!)
    expect(json).toEqual({
      text,
      hex: '047f00000191020fa1cd03',
      components: [
        { code: 4, name: 'ip4', value: '127.0.0.1' },
        { code: 273, name: 'udp', value: '4001' },
        { code: 461, name: 'quic-v1' }
      ]
    })
    const { out } = await weft(['multiaddr', '0x047f00000191020fa1cd03'])
    expect(out).toEqual([
      `text  ${text}`,
      'hex   047f00000191020fa1cd03',
      '0x4   ip4             127.0.0.1',
      '0x111 udp             4001',
      '0x1cd quic-v1'
    ])
  })
})
