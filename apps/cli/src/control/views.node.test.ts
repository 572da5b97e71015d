import type { PendingDial, Peer } from '@libp2p/interface'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { ResourceManager } from '@weft/resources'
import { describe, expect, it } from 'vitest'
import { encodeLine } from './core/protocol.ts'
import { limitRows } from './limits-view.ts'
import { dialView, peerView, transportOf } from './views.ts'

describe('what a node shows', () => {
  it('fits a line, whatever peers have sent', async () => {
    const wild = '\u0000'.repeat(5000)
    const address = multiaddr(`/dns4/${'x'.repeat(200)}/tcp/1`)
    const peer: Peer = {
      id: peerIdFromPrivateKey(await generateKeyPair('Ed25519')),
      addresses: Array.from({ length: 1000 }, () => ({ multiaddr: address, isCertified: false })),
      protocols: Array.from({ length: 1000 }, () => wild),
      metadata: new Map([['AgentVersion', new Uint8Array(5000)]]),
      tags: new Map(Array.from({ length: 1000 }, (_, at) => [`${at}${wild}`, { value: at }]))
    }
    const view = peerView(peer, 1)
    expect(encodeLine({ item: view }).byteLength).toBeGreaterThan(32_768)
    expect(view.addresses.at(-1)).toMatch(/^… \d+ more$/)
    expect(view.agent?.length).toBe(512)

    const steps = Array.from({ length: 400 }, (_, at) => `${at}${wild}`).flatMap(text => [
      { kind: 'added' as const, at: 0, address: text, source: wild },
      { kind: 'filtered' as const, at: 1, address: text, reason: wild }
    ])
    const pending: PendingDial = { id: 'dial-1', status: 'active', multiaddrs: [] }
    const dial = dialView(pending, { id: 'dial-1', elapsed: 1, steps })
    expect(encodeLine({ item: dial }).byteLength).toBeGreaterThan(32_768)
    expect(dial.addresses.length + dial.omitted!).toBe(400)
    expect(dialView(pending, undefined)).toEqual({ id: 'dial-1', status: 'active', elapsed: 0, addresses: [] })
  })

  it('names the transport by the innermost of an address', () => {
    for (const [text, transport] of [
      ['/ip4/1.2.3.4/tcp/1', 'tcp'],
      ['/dns4/a.example/tcp/443/tls/ws', 'ws'],
      ['/ip4/1.2.3.4/udp/1/quic-v1', 'quic'],
      ['/ip4/1.2.3.4/udp/1/quic-v1/webtransport', 'webtransport'],
      ['/ip4/1.2.3.4/tcp/1/p2p/12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v/p2p-circuit', 'relay'],
      ['/memory/1', 'memory'],
      ['/ip4/1.2.3.4', 'unknown']
    ] as const) {
      expect(transportOf({ remoteAddr: multiaddr(text) })).toBe(transport)
    }
  })

  it('has what is held, and how often there was no room', () => {
    const manager = new ResourceManager({
      resourceLimits: { peer: { connections: 1 }, protocols: { '/chat': { streams: 5 } }, stream: { memory: Infinity } }
    })
    const open = (): ReturnType<ResourceManager['openConnection']> => manager.openConnection('inbound')
    for (const name of ['a', 'b']) open().setPeer(name)
    expect(() => open().setPeer('a')).toThrow()
    const rows = limitRows(manager, true)
    const row = (scope: string, resource: string, name?: string): unknown =>
      rows.find(found => found.scope === scope && found.resource === resource && found.name === name)
    expect(row('peer', 'connections')).toMatchObject({
      value: 1,
      option: 'resourceLimits.peer.connections',
      used: 1,
      refused: 1
    })
    expect(row('system', 'connectionsInbound')).toMatchObject({ unit: 'connections', refused: 0 })
    expect(row('protocol', 'streams', '/chat')).toMatchObject({ value: 5, used: 0 })
    expect(row('stream', 'memory')).toEqual(expect.not.objectContaining({ used: expect.anything() }))
    expect(row('stream', 'memory')).toMatchObject({ value: null })
    expect(limitRows(manager, false)[0]).toEqual(expect.not.objectContaining({ refused: expect.anything() }))
  })
})
