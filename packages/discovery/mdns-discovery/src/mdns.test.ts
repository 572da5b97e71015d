import type { PeerId, PeerInfo } from '@libp2p/interface'
import { fromHex } from '@weft/bytes'
import { networkFingerprintSymbol } from '@weft/interface-crypto-channel'
import { peerDiscoverySymbol } from '@weft/interface-discovery'
import { discoverySuite } from '@weft/interface-discovery/compliance'
import { serviceCapabilities } from '@weft/interface-node'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { mdns, type MulticastDNSInit } from './index.ts'
import { neighbourhoodOf } from './neighbourhood/index.ts'
import { Machines, MulticastHub } from './testing/index.ts'

async function somePeer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

/** A machine of the link, and its mdns. */
async function machine(machines: Machines, parts: { connectionProtector?: object } = {}) {
  const made = machines.add(await somePeer(), parts)
  const make = (init: MulticastDNSInit = {}) => mdns({ network: made.network, ...init })(made.components)
  return { ...made, make }
}

const found = (discovery: EventTarget): Promise<PeerInfo> =>
  new Promise(resolve =>
    discovery.addEventListener('peer', event => resolve((event as CustomEvent<PeerInfo>).detail), { once: true })
  )

const running: Array<{ stop(): Promise<void> }> = []
async function stopAll(): Promise<void> {
  for (const discovery of running.splice(0)) await discovery.stop()
}

discoverySuite(
  { describe, it, expect },
  {
    async setup() {
      const machines = new Machines()
      const tested = (await machine(machines)).make()
      const other = (await machine(machines)).make()
      running.push(other)
      await other.start()
      return tested
    },
    teardown: stopAll
  }
)

describe('mdns', () => {
  it('finds the other node of a link, each the other, with its addresses there', async () => {
    const machines = new Machines()
    const [a, b] = [await machine(machines), await machine(machines)]
    const [one, two] = [a.make(), b.make()]
    running.push(one, two)
    const both = Promise.all([found(one), found(two)])
    await one.start()
    await two.start()
    const [ofOne, ofTwo] = await both
    expect([ofOne.id.toString(), ofTwo.id.toString()]).toEqual([b.peerId.toString(), a.peerId.toString()])
    expect(ofOne.multiaddrs.map(String)).toEqual(['/ip4/10.0.0.2/tcp/4001'])
    expect(one.heard.at(-1)).toMatchObject({ outcome: 'used', detail: b.peerId.toString(), source: '10.0.0.2' })
    await two.stop()
    // It said goodbye.
    await new Promise(resolve => setTimeout(resolve))
    expect(one.peers).toEqual([])
    await stopAll()
  })

  it('does not find nodes of another service, and those of another private network neither', async () => {
    const machines = new Machines()
    const protector = (byte: number): object => ({ [networkFingerprintSymbol]: new Uint8Array(16).fill(byte) })
    const nodes = [
      (await machine(machines)).make({ serviceTag: '_other._udp.local' }),
      (await machine(machines, { connectionProtector: protector(1) })).make(),
      (await machine(machines, { connectionProtector: protector(2) })).make(),
      (await machine(machines)).make(),
      (await machine(machines, { connectionProtector: protector(1) })).make()
    ]
    running.push(...nodes)
    const all = Promise.all([found(nodes[1]!), found(nodes[4]!)])
    for (const node of nodes) await node.start()
    await all
    expect(nodes.map(({ peers }) => peers.length)).toEqual([0, 1, 0, 0, 1])
    expect(nodes[1]!.service).toBe(nodes[4]!.service)
    expect(nodes[1]!.service).toMatch(/^_p2p-[a-z2-7]{10}\._udp\.local$/)
    expect(new Set(nodes.map(({ service }) => service)).size).toBe(4)
    expect(nodes[3]!.service).toBe('_p2p._udp.local')
    await stopAll()
  })

  it('tells of new addresses when the node has them', async () => {
    const machines = new Machines()
    const [a, b] = [await machine(machines), await machine(machines)]
    const own = b.addresses.splice(0)
    const [one, two] = [a.make(), b.make()]
    running.push(one, two)
    await one.start()
    await two.start()
    const later = found(one)
    b.addresses.push(...own)
    b.events.safeDispatchEvent('self:peer:update', {})
    expect((await later).multiaddrs.map(String)).toEqual(['/ip4/10.0.0.2/tcp/4001'])
    await stopAll()
  })

  it('is not changed by hostile packets, and says why they are not used', async () => {
    const machines = new Machines()
    const node = (await machine(machines)).make()
    running.push(node)
    await node.start()
    machines.hub.send('lan', '10.0.0.66', fromHex('000084000000000100000000c00c000c0001'))
    machines.hub.send('lan', '192.0.2.1', new Uint8Array(12))
    await new Promise(resolve => setTimeout(resolve))
    expect(node.heard.map(({ outcome }) => outcome)).toEqual(['malformed', 'not-local'])
    expect(node.peers).toEqual([])
    await stopAll()
  })

  it('shares one neighbourhood with all of a node that use the same service', async () => {
    const machines = new Machines()
    const { components, network, make } = await machine(machines)
    const node = make()
    const neighbours = neighbourhoodOf(components, { network })
    await node.start()
    await neighbours.hold()
    await node.stop()
    const before = machines.hub.sent.length
    neighbours.askSoon()
    expect(machines.hub.sent.length).toBeGreaterThan(before)
    await neighbours.release()
    const after = machines.hub.sent.length
    neighbours.askSoon()
    expect(machines.hub.sent.length).toBe(after)
    expect(neighbours.lookup('_x', () => {})).toBeUndefined()
  })

  it('refuses options that cannot be, and names them', () => {
    const { network } = { network: new MulticastHub().network([]) }
    const wrong = (init: object, option: string) =>
      expect(() => mdns({ network, ...init })).toThrow(
        expect.objectContaining({ name: 'InvalidParametersError', message: expect.stringContaining(option) })
      )
    wrong({ serviceTag: '' }, 'serviceTag')
    wrong({ serviceTag: 'a..b' }, 'serviceTag')
    wrong({ peerName: 'x'.repeat(64) }, 'peerName')
    wrong({ peerName: 'a.b' }, 'peerName')
    wrong({ port: 0 }, 'port')
    wrong({ ip: '10.0.0.1' }, 'ip')
    wrong({ ip: 'all' }, 'ip')
    wrong({ interval: 0 }, 'interval')
    wrong({ broadcast: 'no' }, 'broadcast')
    wrong({ network: {} }, 'network')
  })

  it('is found as a discovery', async () => {
    const discovery = (await machine(new Machines())).make()
    expect(discovery[peerDiscoverySymbol as never]).toBe(discovery)
    expect(discovery[serviceCapabilities as never]).toEqual(['@libp2p/peer-discovery'])
  })
})
