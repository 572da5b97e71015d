import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThroughUpgrader, testComponents, transportSuite } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { afterAll, describe, expect, it } from 'vitest'
import { tcp } from '../src/index.ts'

const runner = { describe, it, expect }
const foreignAddr = multiaddr('/ip4/127.0.0.1/udp/9/quic-v1')
const make = () => tcp()(testComponents())

describe('over IPv4', () => {
  const listenAddrs = [1, 2, 3].map(n => multiaddr(`/ip4/127.0.0.${n}/tcp/0`))
  const deadAddr = multiaddr('/ip4/127.0.0.1/tcp/1')
  transportSuite(runner, { setup: async () => ({ transport: make(), listenAddrs, deadAddr, foreignAddr }) })
})

describe('over IPv6', () => {
  const listenAddrs = [multiaddr('/ip6/::1/tcp/0'), multiaddr('/ip6/::1/tcp/0')]
  const deadAddr = multiaddr('/ip6/::1/tcp/1')
  transportSuite(runner, { setup: async () => ({ transport: make(), listenAddrs, deadAddr, foreignAddr }) })
})

describe('over unix sockets', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weft-tcp-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let n = 0
  const next = () => multiaddr(`/unix/${encodeURIComponent(path.join(folder, `${n++}.sock`))}`)
  transportSuite(runner, {
    tellsOfAborts: false,
    setup: async () => ({ transport: make(), listenAddrs: [next(), next()], deadAddr: next(), foreignAddr })
  })

  // Node 20 cuts a longer path, and would listen and connect elsewhere.
  it('refuses a path that is longer than the system takes, as listener and as dialer', async () => {
    const room = (process.platform === 'linux' ? 107 : 103) - Buffer.byteLength(folder) - 1
    const named = (length: number) =>
      multiaddr(`/unix/${encodeURIComponent(path.join(folder, 'é'.padEnd(length, 'x')))}`)
    const transport = make()
    const upgrader = new PassThroughUpgrader()
    const [longest, tooLong] = [named(room - 1), named(room)]
    const listener = transport.createListener({ upgrader })
    await expect(listener.listen(tooLong)).rejects.toMatchObject({ name: 'ListenError', reason: 'ENAMETOOLONG' })
    const signal = new AbortController().signal
    await expect(transport.dial(tooLong, { upgrader, signal })).rejects.toMatchObject({
      name: 'ConnectionFailedError',
      reason: 'ENAMETOOLONG'
    })
    await listener.listen(longest)
    expect(listener.getAddrs()).toEqual([longest])
    await listener.close()
  })
})
