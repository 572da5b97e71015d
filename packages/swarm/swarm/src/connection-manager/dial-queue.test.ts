import type { Connection, PeerId } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { alice, bob, fakeLogger } from '../../test/fakes.ts'
import type { OpenConnectionOptions } from '../contracts.ts'
import type { DialTrace } from '../core/dial-scheduler/model.ts'
import { type DialComponents, DialQueue } from './dial-queue.ts'
import { dialTrace } from './dial-trace.ts'
import { type ConnectionManagerInit, connectionLimits } from './options.ts'

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
const connectionTo = (remoteAddr: Multiaddr): Connection =>
  ({ remotePeer: bob, remoteAddr, status: 'open', abort: vi.fn() }) as never
// Lets promises settle without letting time pass.
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => {})

class World {
  readonly calls: Call[] = []
  readonly events: DialComponents['events'] = new EventEmitter() as never
  stored: Multiaddr[] = []
  routed: Multiaddr[] = []
  readonly queue: DialQueue
  readonly merge = vi.fn(async () => ({}))

  constructor(init: ConnectionManagerInit = {}, gater: Partial<DialComponents['connectionGater']> = {}) {
    const began = performance.now()
    const components = {
      logger: fakeLogger(),
      events: this.events,
      connectionGater: gater,
      peerStore: {
        get: async () => ({ addresses: this.stored.map(address => ({ multiaddr: address, isCertified: false })) }),
        merge: this.merge
      },
      peerRouting: { findPeer: async () => ({ multiaddrs: this.routed }) },
      transportManager: {
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
    this.queue = new DialQueue(components as never, connectionLimits(init), init)
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
    expect(w.merge).toHaveBeenCalledWith(bob, { multiaddrs: [ip(3)] })
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

  it('asks the routers only where the peer store knows nothing', async () => {
    const w = new World()
    w.routed = [ip(4)]
    const dialing = w.dial(target(bob))
    await settle()
    w.call(ip(4)).connect()
    await dialing
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
      { source: 'peer-store', open: false },
      { source: 'routing', open: false }
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
    const w = new World({ maxParallelDials: 1, maxDialQueueLength: 1 })
    const dials = [w.dial(target(alice, ip(1, alice))), w.dial(target(bob, ip(1)))]
    await expect(w.dial(target(undefined, ip(3)))).rejects.toThrow('connectionManager.maxDialQueueLength')
    expect(w.queue.pending().map(({ status }) => status)).toEqual(['active', 'queued'])
    await settle()
    w.queue.stop()
    for (const dialing of dials) await expect(dialing).rejects.toMatchObject({ name: 'AbortError' })
    expect(w.queue.pending()).toEqual([])
    await settle()
  })
})
