import type { Connection, PeerId } from '@libp2p/interface'
import { compare, fromUtf8 } from '@weft/bytes'
import { EventEmitter } from '@weft/events'
import type { OpenConnectionOptions } from '@weft/interface-node'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alice, bob, carol, fakeLogger } from '../../interface-node/test/fakes.ts'
import type { DialTrace } from './core/model.ts'
import { type DialComponents, DialQueue } from './dial-queue.ts'
import { dialTrace } from './dial-trace.ts'
import { connectionLimits, type DialerInit } from './options.ts'

interface Call {
  /** What the upgrader tells. */
  progress: (type: string) => void
  address: string
  at: number
  signal: AbortSignal
  connect: (connection?: Connection) => void
  refuse: (message?: string) => void
}

const ip = (n: number, peer: PeerId = bob): Multiaddr => multiaddr(`/ip4/127.0.0.${n}/tcp/4001/p2p/${peer.toString()}`)
const target = (peerId: PeerId | undefined, ...multiaddrs: Multiaddr[]): Parameters<DialQueue['dial']>[0] => ({
  peerId,
  multiaddrs
})
const connectionTo = (remoteAddr: Multiaddr, facts: Partial<Connection> = {}): Connection => {
  const timeline = { open: Date.now(), upgraded: Date.now() }
  const connection = { remotePeer: bob, remoteAddr, status: 'open', direction: 'outbound', direct: true, timeline }
  return { ...connection, streams: [], abort: vi.fn(), close: vi.fn(async () => {}), ...facts } as never
}
// Ids in the order of their bytes: this node's connections give way to those of a lesser peer.
const [lesser, greater] = [alice, carol].sort((a, b) => compare(a.toMultihash().bytes, b.toMultihash().bytes)) as [
  PeerId,
  PeerId
]
// Lets promises settle without letting time pass.
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => {})

class World {
  readonly calls: Call[] = []
  readonly connections: Connection[] = []
  readonly events: DialComponents['events'] = new EventEmitter() as never
  stored: Multiaddr[] = []
  routed: Multiaddr[] = []
  /** When routers were asked. */
  readonly lookups: number[] = []
  listens: Multiaddr[] = []
  readonly queue: DialQueue
  readonly merge = vi.fn(async () => ({}))

  constructor(init: DialerInit = {}, gater: Partial<DialComponents['connectionGater']> = {}, peerId: PeerId = carol) {
    const began = performance.now()
    const components = {
      peerId,
      logger: fakeLogger(),
      events: this.events,
      connectionGater: gater,
      peerStore: {
        get: async () => ({ addresses: this.stored.map(address => ({ multiaddr: address, isCertified: false })) }),
        merge: this.merge
      },
      peerRouting: {
        findPeer: async () => {
          this.lookups.push(performance.now() - began)
          return { multiaddrs: this.routed }
        }
      },
      transportManager: {
        getAddrs: () => this.listens,
        dialTransportForMultiaddr: (address: Multiaddr) => (address.toString().includes('/tcp/') ? {} : undefined),
        dial: async (
          address: Multiaddr,
          { signal, onProgress }: { signal: AbortSignal; onProgress: (e: object) => void }
        ) =>
          new Promise<Connection>((resolve, reject) => {
            this.calls.push({
              address: address.toString(),
              at: performance.now() - began,
              signal,
              progress: type => onProgress({ type }),
              connect: (connection = connectionTo(address)) => resolve(connection),
              refuse: (message = 'refused') => reject(new Error(message))
            })
          })
      }
    }
    this.queue = new DialQueue(components as never, connectionLimits(init), init, peer =>
      this.connections.filter(({ remotePeer }) => remotePeer.equals(peer))
    )
  }

  dial(...[to, options = {}]: [Parameters<DialQueue['dial']>[0], OpenConnectionOptions?]): Promise<Connection> {
    const dialing = this.queue.dial(to, options)
    dialing.catch(() => {})
    return dialing
  }

  call(address: Multiaddr): Call {
    const found = this.calls.find(call => call.address === address.toString())
    if (found === undefined) throw new Error(`${address.toString()} was not dialed`)
    return found
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('DialQueue', () => {
  it('goes past silent addresses and gives up the others when one connects', async () => {
    const w = new World()
    const dialing = w.dial(target(bob, ip(1), ip(2), ip(3)))
    await vi.advanceTimersByTimeAsync(100)
    expect(w.calls.map(({ at }) => at)).toEqual([0, 30, 60])
    w.call(ip(3)).connect()
    await expect(dialing).resolves.toMatchObject({ remoteAddr: ip(3) })
    expect(w.calls.map(({ signal }) => signal.aborted)).toEqual([true, true, false])
    const metadata = { 'last-dial-success': fromUtf8(Date.now().toString()) }
    expect(w.merge).toHaveBeenCalledWith(bob, { multiaddrs: [ip(3)], metadata })
    // It did not heed the signal.
    const late = connectionTo(ip(1))
    w.call(ip(1)).connect(late)
    await settle()
    expect(late.abort).toHaveBeenCalledOnce()
    expect(w.queue.pending()).toEqual([])
  })

  it('dials what enters the peer store while it dials', async () => {
    const w = new World()
    w.stored = [ip(1)]
    const dialing = w.dial(target(bob))
    await vi.advanceTimersByTimeAsync(200)
    const peer = { id: bob, addresses: [ip(1), ip(2)].map(address => ({ multiaddr: address, isCertified: false })) }
    w.events.safeDispatchEvent('peer:update', { detail: { peer } as never })
    await settle()
    expect(w.call(ip(2)).at).toBe(200)
    w.call(ip(2)).connect()
    await dialing
  })

  it('dials what a joiner brings at once', async () => {
    const w = new World()
    const first = w.dial(target(bob, ip(1)))
    await settle()
    const second = w.dial(target(bob, ip(2)))
    await settle()
    expect(w.call(ip(2)).at).toBe(0)
    w.call(ip(2)).connect()
    expect(await first).toBe(await second)
    expect(w.merge).toHaveBeenCalledOnce()
  })

  it('joins by an address where no peer is named', async () => {
    const w = new World()
    const address = multiaddr('/ip4/127.0.0.1/tcp/1')
    const dials = [w.dial(target(undefined, address)), w.dial(target(undefined, address))]
    await settle()
    expect(w.calls).toHaveLength(1)
    w.calls[0]?.connect()
    await Promise.all(dials)
  })

  it('holds each caller to his own time', async () => {
    const w = new World({ dialTimeout: 1000 })
    const own = new AbortController()
    const patient = w.dial(target(bob, ip(1)), { signal: own.signal })
    await vi.advanceTimersByTimeAsync(500)
    const hasty = w.dial(target(bob))
    await vi.advanceTimersByTimeAsync(1000)
    await expect(hasty).rejects.toMatchObject({
      name: 'TimeoutError',
      skipped: [{ stage: 'connect', elapsed: 1500, reason: 'it was being dialed' }]
    })
    expect(w.call(ip(1)).signal.aborted).toBe(false)
    own.abort(new Error('enough'))
    await expect(patient).rejects.toThrow('enough')
    expect(w.call(ip(1)).signal.aborted).toBe(true)
    await settle()
  })

  it('names every address with source, stage, cause or reason', async () => {
    const w = new World()
    const quic = multiaddr(`/ip4/127.0.0.1/udp/1/quic-v1/p2p/${bob.toString()}`)
    const dialing = w.dial(target(bob, ip(1), quic, ip(9, alice)))
    await settle()
    w.call(ip(1)).refuse()
    await expect(dialing).rejects.toMatchObject({
      name: 'DialError',
      attempts: [{ address: ip(1).toString(), source: 'caller', stage: 'connect', error: new Error('refused') }],
      errors: [new Error('refused')],
      skipped: [
        {
          address: quic.toString(),
          source: 'caller',
          stage: 'resolve',
          elapsed: 0,
          reason: 'no transport can dial it'
        },
        { address: ip(9, alice).toString(), reason: 'it is an address of another peer' }
      ]
    })
  })

  it('dials what is there while a name is looked up, and then what it resolves to', async () => {
    let answer: (found: Multiaddr[]) => void = () => {}
    const resolver = {
      canResolve: (address: Multiaddr) => address.toString().startsWith('/dnsaddr'),
      resolve: () => new Promise<Multiaddr[]>(resolve => (answer = resolve))
    }
    const w = new World({ resolvers: { dnsaddr: resolver as never } })
    const dialing = w.dial(target(bob, multiaddr(`/dnsaddr/example.com/p2p/${bob.toString()}`), ip(1)))
    await settle()
    w.call(ip(1)).refuse()
    await settle()
    answer([ip(2)])
    await settle()
    w.call(ip(2)).refuse()
    await expect(dialing).rejects.toMatchObject({
      attempts: [{ source: 'caller' }, { source: `/dnsaddr/example.com/p2p/${bob.toString()}` }]
    })
  })

  it('tells of a name that cannot be looked up', async () => {
    const resolver = { canResolve: () => true, resolve: () => Promise.reject(new Error('no such name')) }
    const w = new World({ resolvers: { any: resolver as never } })
    await expect(w.dial(target(bob, ip(1)))).rejects.toMatchObject({
      attempts: [{ stage: 'resolve', error: new Error('no such name') }]
    })
  })

  it('asks the routers at once where the peer store knows nothing', async () => {
    const w = new World()
    w.routed = [ip(4)]
    const dialing = w.dial(target(bob))
    await settle()
    w.call(ip(4)).connect()
    await dialing
    expect(w.lookups).toEqual([0])
  })

  it('asks them after a second where it knows addresses, or as soon as all of those have failed', async () => {
    const w = new World()
    w.stored = [ip(1)]
    w.routed = [ip(4)]
    const first = w.dial(target(bob))
    await vi.advanceTimersByTimeAsync(1500)
    expect([w.lookups, w.call(ip(4)).at]).toEqual([[1000], 1000])
    w.call(ip(4)).connect()
    await first
    const second = w.dial(target(bob))
    await settle()
    w.calls[2]?.refuse()
    await settle()
    expect([w.lookups, w.calls[3]?.address]).toEqual([[1000, 1500], ip(4).toString()])
    w.calls[3]?.connect()
    await second
  })

  it('does not ask them for a caller who names addresses, nor in a dial that is over', async () => {
    const w = new World()
    const dials = [w.dial(target(bob, ip(1)))]
    await settle()
    w.calls[0]?.connect()
    w.stored = [ip(1)]
    await Promise.all(dials)
    dials.push(w.dial(target(bob)))
    await settle()
    w.calls[1]?.connect()
    await Promise.all(dials)
    await vi.advanceTimersByTimeAsync(2000)
    expect(w.lookups).toEqual([])
  })

  it('dials what a discovery finds while it dials', async () => {
    const w = new World()
    w.stored = [ip(1)]
    const sources: string[] = []
    const onProgress = dialTrace(step => {
      if (step.kind === 'added') sources.push(step.source)
    })
    const dialing = w.dial(target(bob), { onProgress })
    await vi.advanceTimersByTimeAsync(200)
    w.events.safeDispatchEvent('peer:discovery', { detail: { id: alice, multiaddrs: [ip(7)] } })
    w.events.safeDispatchEvent('peer:discovery', { detail: { id: bob, multiaddrs: [ip(2)] } })
    await settle()
    expect([w.calls.length, w.call(ip(2)).at, sources]).toEqual([2, 200, ['peer-store', 'discovery']])
    w.call(ip(2)).connect()
    await dialing
  })

  it('does not dial itself, at none of its addresses', async () => {
    const w = new World()
    w.listens = [multiaddr('/ip4/127.0.0.1/tcp/4001'), multiaddr('/ip4/127.0.0.2/tcp/4001')]
    const strange = multiaddr('/ip4/127.0.0.2/tcp/4001')
    await expect(w.dial(target(undefined, strange))).rejects.toMatchObject({
      name: 'NoValidAddressesError',
      skipped: [{ address: strange.toString(), stage: 'resolve', reason: 'it is an address of this node' }]
    })
    const dialing = w.dial(target(bob, ip(1), ip(3)))
    await settle()
    expect(w.calls.map(({ address }) => address)).toEqual([ip(3).toString()])
    w.calls[0]?.connect()
    await dialing
  })

  it('dials again at once what failed, when its back-off is cleared', async () => {
    const w = new World()
    w.stored = [ip(1), ip(2)]
    const fails = async (): Promise<number> => {
      const before = w.calls.length
      const dialing = w.dial(target(bob))
      await vi.advanceTimersByTimeAsync(100)
      for (const call of w.calls) call.refuse()
      await expect(dialing).rejects.toMatchObject({ name: 'DialError' })
      return w.calls.length - before
    }
    expect([await fails(), await fails()]).toEqual([2, 0])
    expect(w.queue.clearBackoff(bob, multiaddr('/ip4/127.0.0.2/tcp/4001'))).toBe(1)
    expect(await fails()).toBe(1)
    expect(w.queue.clearBackoff(alice)).toBe(0)
    expect(await fails()).toBe(0)
    expect(w.queue.clearBackoff(bob)).toBe(2)
    expect(await fails()).toBe(2)
    expect(w.queue.clearBackoff()).toBe(2)
    expect(await fails()).toBe(2)
  })

  it('gives the next turn to the dial of highest priority, also if a joiner brought that', async () => {
    const w = new World({ maxParallelDials: 1 })
    const order = (): string[] => w.calls.map(({ address }) => address)
    const strange = (n: number): Multiaddr => multiaddr(`/ip4/127.0.0.${n}/tcp/4001`)
    const dials = [
      w.dial(target(undefined, strange(1))),
      w.dial(target(undefined, strange(2)), { priority: 60 }),
      w.dial(target(undefined, strange(3)), { priority: 70 }),
      w.dial(target(undefined, strange(4)))
    ]
    dials.push(w.dial(target(undefined, strange(4)), { priority: 80 }))
    for (let turn = 0; turn < 4; turn++) {
      await settle()
      w.calls.at(-1)?.connect()
      await settle()
    }
    await Promise.all(dials)
    expect(order()).toEqual([1, 4, 3, 2].map(n => strange(n).toString()))
  })

  it('is content with the connection of a peer that dials it first, if its own would give way', async () => {
    const w = new World({}, {}, greater)
    const dialing = w.dial(target(lesser, ip(1, lesser)))
    await settle()
    const inbound = connectionTo(ip(5), { direction: 'inbound', remotePeer: lesser })
    w.events.safeDispatchEvent('connection:open', { detail: inbound })
    expect(await dialing).toBe(inbound)
    expect(w.calls[0]?.signal.aborted).toBe(true)
  })

  it('goes on for a second where its own connection would be kept, and takes what there is then', async () => {
    const w = new World({}, {}, lesser)
    const dialing = w.dial(target(greater, ip(1, greater)))
    await settle()
    const inbound = connectionTo(ip(5), { direction: 'inbound', remotePeer: greater })
    w.events.safeDispatchEvent('connection:open', { detail: inbound })
    await vi.advanceTimersByTimeAsync(999)
    expect(w.calls[0]?.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await dialing).toBe(inbound)
    expect(w.calls[0]?.signal.aborted).toBe(true)
  })

  it.each([false, true])(
    'closes what it dialed beside the connection of a lesser peer, unless forced: %s',
    async force => {
      const w = new World({}, {}, greater)
      const dialing = w.dial(target(lesser, ip(1, lesser)), { force })
      await settle()
      const own = connectionTo(ip(1, lesser), { remotePeer: lesser })
      w.connections.push(own)
      w.calls[0]?.connect(own)
      await dialing
      const inbound = connectionTo(ip(5), { direction: 'inbound', remotePeer: lesser })
      w.events.safeDispatchEvent('connection:open', { detail: inbound })
      expect(w.queue.kept([own, inbound])).toEqual(force ? [own, inbound] : [inbound])
      await vi.advanceTimersByTimeAsync(1000)
      expect(own.close).toHaveBeenCalledTimes(force ? 0 : 1)
    }
  )

  it('waits for its own handshake, whose other end the peer may have, rather than take what would give way', async () => {
    const w = new World({}, {}, lesser)
    const dialing = w.dial(target(greater, ip(1, greater)))
    await settle()
    w.calls[0]?.progress('upgrader:negotiate-outbound-connection')
    const inbound = connectionTo(ip(5), { direction: 'inbound', remotePeer: greater })
    w.events.safeDispatchEvent('connection:open', { detail: inbound })
    expect([w.queue.willKeepOwn(greater), w.queue.willKeepOwn(bob)]).toEqual([true, false])
    await vi.advanceTimersByTimeAsync(3500)
    expect(w.calls[0]?.signal.aborted).toBe(false)
    const own = connectionTo(ip(1, greater), { remotePeer: greater })
    w.calls[0]?.connect(own)
    expect(await dialing).toBe(own)
    expect(w.queue.willKeepOwn(greater)).toBe(false)
    const late = w.dial(target(greater, ip(1, greater)))
    await settle()
    w.calls[1]?.progress('upgrader:encrypt-outbound-connection')
    w.events.safeDispatchEvent('connection:open', { detail: inbound })
    // The time for an address ends it.
    await vi.advanceTimersByTimeAsync(6000)
    expect(await late).toBe(inbound)
  })

  it('takes the connection of the peer where its own attempts fail', async () => {
    const w = new World({}, {}, lesser)
    const dialing = w.dial(target(greater, ip(1, greater)))
    await settle()
    const inbound = connectionTo(ip(5), { direction: 'inbound', remotePeer: greater })
    w.events.safeDispatchEvent('connection:open', { detail: inbound })
    w.calls[0]?.refuse()
    expect(await dialing).toBe(inbound)
  })

  it('lets an address of the peer store rest that failed lately, but not one that a caller names', async () => {
    const w = new World()
    w.stored = [ip(1)]
    const first = w.dial(target(bob))
    await settle()
    w.call(ip(1)).refuse()
    await expect(first).rejects.toThrow('refused')
    await expect(w.dial(target(bob))).rejects.toMatchObject({
      name: 'DialError',
      skipped: [{ reason: expect.stringContaining('back-off') }]
    })
    const named = w.dial(target(bob, ip(1)))
    await settle()
    expect(w.calls).toHaveLength(2)
    w.calls[1]?.connect()
    await named
  })

  it('asks the gater before anything is dialed', async () => {
    const w = new World({}, { denyDialPeer: async () => true })
    const dials = [w.dial(target(bob, ip(1))), w.dial(target(bob, ip(2)))]
    for (const dialing of dials) await expect(dialing).rejects.toMatchObject({ name: 'DialDeniedError' })
    expect(w.calls).toEqual([])
  })

  it('starts addresses in the order of the sorter', async () => {
    const last = (address: Multiaddr): number => Number(address.toString().split('/')[2]?.split('.')[3])
    const w = new World({ addressSorter: (a, b) => (last(b.multiaddr) > last(a.multiaddr) ? 1 : -1) })
    const dialing = w.dial(target(bob, ip(1), ip(3), ip(2)))
    await vi.advanceTimersByTimeAsync(60)
    expect(w.calls.map(({ address }) => address)).toEqual([ip(3), ip(2), ip(1)].map(String))
    w.call(ip(3)).connect()
    await dialing
  })

  it('tells each caller how far every address comes, and the joiner how it came there', async () => {
    const resolver = {
      canResolve: (address: Multiaddr) => address.toString().startsWith('/dnsaddr'),
      resolve: async () => [ip(2)]
    }
    const w = new World({ resolvers: { dnsaddr: resolver as never } })
    const name = `/dnsaddr/example.com/p2p/${bob.toString()}`
    const [own, joined, heard]: [DialTrace[], DialTrace[], string[]] = [[], [], []]
    const onOwn = dialTrace(step => own.push(step))
    const onProgress = (event: { type: string }): void => {
      heard.push(event.type)
      onOwn(event)
    }
    const first = w.dial(target(bob, ip(1), multiaddr(name), ip(9, alice)), { onProgress })
    await vi.advanceTimersByTimeAsync(40)
    w.call(ip(1)).progress('upgrader:negotiate-outbound-connection')
    w.call(ip(1)).progress('upgrader:encrypt-outbound-connection')
    const second = w.dial(target(bob), { onProgress: dialTrace(step => joined.push(step)) })
    w.call(ip(2)).progress('upgrader:multiplex-outbound-connection')
    await vi.advanceTimersByTimeAsync(10)
    w.call(ip(1)).refuse()
    await settle()
    w.call(ip(2)).connect()
    await Promise.all([first, second])
    const of = (steps: DialTrace[], address: string): unknown[] =>
      steps.filter(step => 'address' in step && step.address === address)
    const [one, two] = [ip(1).toString(), ip(2).toString()]
    const about = { address: one, at: 0 }
    const failure = { kind: 'failed', address: one, at: 50, stage: 'secure', elapsed: 50, error: new Error('refused') }
    expect(of(own, one)).toEqual([
      { kind: 'added', ...about, source: 'caller' },
      { kind: 'started', ...about },
      { kind: 'stage', ...about, at: 40, stage: 'negotiate' },
      { kind: 'stage', ...about, at: 40, stage: 'secure' },
      failure
    ])
    expect(of(joined, one)).toEqual([
      { kind: 'added', ...about, source: 'caller' },
      { kind: 'started', ...about },
      { kind: 'stage', ...about, at: 40, stage: 'secure' },
      failure
    ])
    expect(of(own, name)).toEqual([
      { kind: 'added', at: 0, address: name, source: 'caller' },
      { kind: 'stage', at: 0, address: name, stage: 'resolve' },
      { kind: 'resolved', at: 0, address: name, elapsed: 0, count: 1 }
    ])
    expect(of(own, two)).toMatchObject([
      { kind: 'added', at: 0, source: name },
      { kind: 'started', at: 30 },
      { kind: 'stage', at: 40, stage: 'mux' },
      { kind: 'stage', at: 50, stage: 'identify' },
      { kind: 'connected', at: 50, elapsed: 20 }
    ])
    expect(of(own, ip(9, alice).toString())).toMatchObject([
      { kind: 'added', source: 'caller' },
      { kind: 'filtered', reason: 'it is an address of another peer' }
    ])
    expect(own.filter(step => step.kind === 'source')).toMatchObject([
      { source: 'caller', open: true, at: 0 },
      { source: name, open: true },
      { source: 'caller', open: false },
      { source: name, open: false },
      { source: 'joiner 1', open: true, at: 40 },
      { source: 'peer-store', open: true },
      { source: 'joiner 1', open: false },
      { source: 'routing', open: true },
      { source: 'peer-store', open: false }
    ])
    expect(heard).toEqual(expect.arrayContaining(['dial-queue:add-to-dial-queue', 'dial-queue:start-dial']))
  })

  it('rejects to a caller whose listener throws, and goes on for the others', async () => {
    const w = new World()
    const faulty = w.dial(target(bob, ip(1)), {
      onProgress: dialTrace(step => {
        if (step.kind === 'started') throw new Error('of the listener')
      })
    })
    const other = w.dial(target(bob))
    await expect(faulty).rejects.toThrow('of the listener')
    w.call(ip(1)).connect()
    await other
  })

  it('refuses what is too much, and ends all that is left', async () => {
    const w = new World({ maxParallelDials: 1, maxDialQueueLength: 2 })
    const dials = [w.dial(target(alice, ip(1, alice))), w.dial(target(bob, ip(1)))]
    await expect(w.dial(target(undefined, ip(3)))).rejects.toThrow('connectionManager.maxDialQueueLength')
    expect(w.queue.pending().map(({ status }) => status)).toEqual(['active', 'queued'])
    await settle()
    const stopped = w.queue.stop()
    for (const dialing of dials) await expect(dialing).rejects.toMatchObject({ name: 'AbortError' })
    await stopped
    expect(w.queue.pending()).toEqual([])
    await settle()
  })
})

describe('isDialable', () => {
  const never = (): boolean => false
  const always = (): boolean => true
  const quic = multiaddr('/ip4/127.0.0.1/udp/1/quic-v1')

  it('says whether a transport and the gater would let one of the addresses be dialed', async () => {
    const w = new World({}, { denyDialMultiaddr: async address => address.toString().includes('127.0.0.9') })
    const isDialable = (...addresses: Multiaddr[]): Promise<boolean> => w.queue.isDialable(addresses, undefined, always)
    expect(await isDialable(ip(1))).toBe(true)
    expect(await isDialable(quic)).toBe(false)
    expect(await isDialable(ip(9))).toBe(false)
    expect(await isDialable(quic, ip(9), ip(1))).toBe(true)
    expect(await isDialable()).toBe(false)
    expect(await w.queue.isDialable([ip(1)], undefined, never)).toBe(false)
    w.listens = [multiaddr('/ip4/127.0.0.1/tcp/4001')]
    expect(await isDialable(ip(1))).toBe(false)
    expect(w.calls).toEqual([])
  })

  it('looks names up', async () => {
    const resolver = {
      canResolve: (address: Multiaddr) => address.toString().startsWith('/dnsaddr'),
      resolve: async (address: Multiaddr) => {
        if (address.toString().includes('unknown')) throw new Error('no such name')
        return address.toString().includes('tcp-host') ? [quic, ip(1)] : [quic]
      }
    }
    const w = new World({ resolvers: { dnsaddr: resolver as never } })
    const isDialable = (name: string): Promise<boolean> =>
      w.queue.isDialable([multiaddr(`/dnsaddr/${name}`)], undefined, always)
    expect(await Promise.all(['tcp-host', 'other-host', 'unknown'].map(isDialable))).toEqual([true, false, false])
  })
})
