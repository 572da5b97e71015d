import type { Peer, PendingDial } from '@libp2p/interface'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { ResourceManager } from '@weft/resources'
import { describe, expect, it } from 'vitest'
import { limitRows } from './limit-rows.ts'
import { dialView, peerView } from './views.ts'

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength
const line = 64 * 1024

describe('what a node shows', () => {
  it('fits a line of 64 KiB, whatever peers have sent', async () => {
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
    expect(bytesOf(view)).toBeGreaterThan(line / 2)
    expect(bytesOf(view)).toBeLessThanOrEqual(line)
    expect(view.addresses.at(-1)).toMatch(/^… \d+ more$/)
    expect(view.agent?.length).toBe(512)

    const steps = Array.from({ length: 400 }, (_, at) => ({
      kind: 'filtered' as const,
      at: 1,
      address: `${at}${wild.slice(0, 300)}`,
      reason: wild.slice(0, 300)
    }))
    const pending: PendingDial = { id: 'dial-1', status: 'active', multiaddrs: peer.addresses.map(a => a.multiaddr) }
    const dial = dialView(pending, { id: 'dial-1', elapsed: 1, steps })
    expect(dial.steps.length).toBeGreaterThan(0)
    expect(bytesOf(dial.steps)).toBeLessThanOrEqual(line)
    expect(dialView(pending, undefined)).toMatchObject({ id: 'dial-1', status: 'active', elapsed: 0, steps: [] })
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
