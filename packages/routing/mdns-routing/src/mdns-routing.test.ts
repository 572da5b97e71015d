import type { PeerId, Provider } from '@libp2p/interface'
import { fromHex, fromUtf8, toHex } from '@weft/bytes'
import { networkFingerprintSymbol } from '@weft/interface-crypto-channel'
import { peerRoutingSuite } from '@weft/interface-peer-routing/compliance'
import { contentRoutingSymbol, peerRoutingSymbol } from '@weft/interface-peer-routing'
import { ProtocolNode, protocolSuite } from '@weft/interface-protocol/compliance'
import { keyLabel } from '@weft/mdns-discovery/neighbourhood'
import { neighbourhoodOf } from '@weft/mdns-discovery/neighbourhood'
import { type Machine, Machines } from '@weft/mdns-discovery/testing'
import { sha256 } from '@weft/multihash'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { CID } from 'multiformats/cid'
import { afterEach, describe, expect, it } from 'vitest'
import { providersAnswer, providersRequest } from './core/messages.ts'
import { type MulticastRouting, mdnsRouting, type MulticastRoutingInit } from './index.ts'

type Running = MulticastRouting & { start(): Promise<void>; stop(): Promise<void> }

const running: Running[] = []
async function stopAll(): Promise<void> {
  for (const service of running.splice(0)) await service.stop()
}

async function somePeer(): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

const content = CID.createV1(0x55, sha256.digest(fromUtf8('content')))

async function router(
  machines: Machines,
  init: MulticastRoutingInit = {},
  parts: { connectionProtector?: object } = {}
) {
  const machine = machines.add(await somePeer(), parts)
  const service = mdnsRouting({ network: machine.network, ...init })(machine.components) as Running
  running.push(service)
  await service.start()
  return { machine, service }
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}

/** Waits until a machine has heard of another. */
function meeting({ components }: Machine, other: Machine): Promise<void> {
  const neighbours = neighbourhoodOf(components)
  return new Promise(resolve => {
    const end = neighbours.listen({
      found({ id }) {
        if (!id.equals(other.peerId)) return
        end()
        resolve()
      }
    })
    if (neighbours.peer(other.peerId) === undefined) return
    end()
    resolve()
  })
}

peerRoutingSuite(
  { describe, it, expect },
  {
    maxClosestPeers: 20,
    async setup() {
      const machines = new Machines()
      const near = await router(machines, { timeout: 400 })
      const far = await router(machines)
      await meeting(near.machine, far.machine)
      return { router: near.service, known: far.machine.peerId, unknown: await somePeer() }
    },
    teardown: stopAll
  }
)

describe('the protocol of providers', () => {
  protocolSuite(
    { describe, it, expect },
    {
      protocols: ['/weft/providers/1.0.0'],
      capabilities: ['@libp2p/peer-routing', '@libp2p/content-routing'],
      async create(node, { timeout }) {
        const { components, network } = new Machines().add(await somePeer(), { node })
        return mdnsRouting({ network, ...(timeout !== undefined && { inboundTimeout: timeout }) })(components)
      }
    }
  )

  it('is written byte for byte', () => {
    // Field 1, 2 bytes; field 1, true; nothing for false.
    expect(toHex(providersRequest.encode({ key: Uint8Array.of(0xaa, 0xbb) }))).toBe('0a02aabb')
    expect(toHex(providersAnswer.encode({ provides: true }))).toBe('0801')
    expect(toHex(providersAnswer.encode({ provides: false }))).toBe('')
    expect(() => providersRequest.decode(fromHex(`0a51${'00'.repeat(81)}`))).toThrow()
  })
})

describe('routing in the local network', () => {
  afterEach(stopAll)

  it('finds a peer by its id alone, that it has not heard of before', async () => {
    const machines = new Machines()
    const near = await router(machines)
    // It listens to nobody, and so it has greeted nobody.
    const far = await router(machines)
    const { id, multiaddrs } = await near.service.findPeer(far.machine.peerId, { useCache: false })
    expect([id.toString(), ...multiaddrs.map(String)]).toEqual([
      far.machine.peerId.toString(),
      '/ip4/10.0.0.2/tcp/4001'
    ])
  })

  it('finds who provides a content, and those alone: it asks them over a stream', async () => {
    const machines = new Machines()
    const near = await router(machines)
    const [provider, liar, other] = [await router(machines), await router(machines), await router(machines)]
    await provider.service.provide(content)
    await provider.service.provide(content)
    // It answers to the name, and does not provide it.
    neighbourhoodOf(liar.machine.components).publish(keyLabel(content.multihash.bytes))
    const found: Provider[] = await all(near.service.findProviders(content))
    expect(found.map(({ id }) => id.toString())).toEqual([provider.machine.peerId.toString()])
    expect(found[0]).toMatchObject({ routing: 'mdns' })
    expect(near.machine.node.opened.length).toBe(2)
    expect(other.machine.node.opened.length).toBe(0)
    await provider.service.cancelReprovide(content)
    await provider.service.cancelReprovide(content)
    expect(await all(near.service.findProviders(content))).toEqual([])
  })

  it('finds the same content under another form of its CID', async () => {
    const machines = new Machines()
    const [near, far] = [await router(machines), await router(machines)]
    await far.service.provide(content)
    const other = CID.createV1(0x70, content.multihash)
    const found = near.service.findProviders(other)[Symbol.asyncIterator]()
    expect((await found.next()).value?.id.equals(far.machine.peerId)).toBe(true)
    await found.return?.(undefined)
  })

  it('finds nobody of another service or another private network', async () => {
    const machines = new Machines()
    const protector = (byte: number): object => ({ [networkFingerprintSymbol]: new Uint8Array(16).fill(byte) })
    const near = await router(machines, {}, { connectionProtector: protector(1) })
    for (const [init, parts] of [
      [{ serviceTag: '_other._udp.local' }, {}],
      [{}, { connectionProtector: protector(2) }],
      [{}, {}]
    ] as const) {
      const far = await router(machines, init, parts)
      await far.service.provide(content)
      await expect(near.service.findPeer(far.machine.peerId)).rejects.toMatchObject({ name: 'NotFoundError' })
    }
    expect(await all(near.service.findProviders(content))).toEqual([])
  })

  it('stops when the signal fires, and when the caller leaves', async () => {
    const machines = new Machines()
    const near = await router(machines)
    const controller = new AbortController()
    const finding = all(near.service.findProviders(content, { signal: controller.signal }))
    const peer = near.service.findPeer(await somePeer(), { signal: controller.signal })
    controller.abort(new RangeError('enough'))
    await expect(finding).rejects.toMatchObject({ message: 'enough' })
    await expect(peer).rejects.toMatchObject({ message: 'enough' })
  })

  it('provides so many keys and no more, and says so', async () => {
    const { service } = await router(new Machines(), { maxProvided: 1 })
    await service.provide(content)
    await expect(service.provide(CID.createV1(0x55, sha256.digest(fromUtf8('more'))))).rejects.toMatchObject({
      name: 'InvalidParametersError',
      option: 'maxProvided'
    })
  })

  it('is a router for peers and content', async () => {
    const { service } = await router(new Machines())
    expect(Reflect.get(service, peerRoutingSymbol)).toBe(service)
    expect(Reflect.get(service, contentRoutingSymbol)).toBe(service)
    await service.stop()
    await expect(service.findPeer(await somePeer())).rejects.toMatchObject({ name: 'NotStartedError' })
    expect(() => mdnsRouting({ network: new Machines().hub.network([]), timeout: -1 })).toThrow(/timeout/)
    expect(new ProtocolNode().opened).toEqual([])
  })
})
