/** The address sources of one dial: each pushes what it finds into the scheduler, filtered, until the dial ends. */
import type { Address, Connection, Logger, MultiaddrResolver, PeerId } from '@libp2p/interface'
import { AbortError } from '@weft/errors'
import type { OpenConnectionOptions } from '@weft/interface-node'
import type { Multiaddr } from '@weft/multiaddr'
import type { AddressState } from './core/model.ts'
import { type DialTargetAddress, dialTargetAddress } from './dial-address.ts'
import { DialDeniedError } from './dial-errors.ts'
import {
  type AddressComponents,
  filterReason,
  ownAddresses,
  resolvedAddresses,
  routedAddresses,
  storedAddresses,
  uncertified,
  withPeer
} from './dial-sources.ts'
import type { PeerAddress } from './peer-address.ts'

// Names of one dial that are looked up: anyone may publish as many as he likes.
const maxLookups = 32

/**
 * Routers are asked as soon as nothing of a dial is under way. While addresses that were known before are, they have this
 * lead, ms: most dials end within it, and a look-up costs many peers some messages.
 */
const routingDelay = 1000

/** Where a dial's addresses go. */
export interface AddressSink {
  add(addresses: readonly DialTargetAddress[]): void
  /** What becomes of an address that is not dialed itself. */
  record(address: string, source: string, state: AddressState): void
  /** Whether nothing is under way or waits for its turn. */
  isIdle(): boolean
  began(source: string): void
  ended(source: string): void
  fail(error: Error): void
}

interface Origin {
  source: string
  named: boolean
  joined: boolean
}

export class RunningDial {
  readonly id: number
  readonly target: PeerAddress
  /** Those of the caller who began it. */
  readonly options: OpenConnectionOptions
  private readonly _components: AddressComponents
  private readonly _resolvers: readonly MultiaddrResolver[]
  private readonly _sink: AddressSink
  private readonly _log: Logger
  private _ended = false
  // Most dials look nothing up.
  private _lookupController: AbortController | undefined
  private readonly _admitted: Promise<boolean>
  private _admit: (admitted: boolean) => void = () => {}
  private _joiners = 0
  private _updates = 0
  private readonly _lookups = new Set<string>()
  private _findsPeer = false
  private _routingTimer: ReturnType<typeof setTimeout> | undefined
  private _askRouters: (() => void) | undefined
  private _answerTimer: ReturnType<typeof setTimeout> | undefined
  /** A connection that the peer made to this node meanwhile. */
  inbound: Connection | undefined
  /** Those who wait for it. */
  readonly callers: Set<number> = new Set()
  /** It has its turn. */
  active = false
  /** The peer store is being told that it failed. */
  failed: Promise<void> | undefined

  constructor(
    id: number,
    target: PeerAddress,
    options: OpenConnectionOptions,
    components: AddressComponents,
    resolvers: readonly MultiaddrResolver[],
    sink: AddressSink,
    log: Logger
  ) {
    this.id = id
    this.target = target
    this.options = options
    this._components = components
    this._resolvers = resolvers
    this._sink = sink
    this._log = log
    this._admitted = new Promise(resolve => {
      this._admit = resolve
    })
  }

  /** Opens the sources that the first caller asked for; the gater is asked before. */
  open(): void {
    this.active = true
    this._run('caller', async () => {
      const { peerId, multiaddrs } = this.target
      const { connectionGater } = this._components
      const denied = peerId !== undefined && (await connectionGater.denyDialPeer?.(peerId)) === true
      this._admit(!denied)
      if (denied) this._sink.fail(new DialDeniedError(`the connection gater denied dialing ${peerId.toString()}`))
      else if (multiaddrs.length === 0) this._findPeer()
      else await this._push(multiaddrs.map(uncertified), { source: 'caller', named: true, joined: false })
    })
  }

  /** A joiner brings addresses, or wants all that is known where the first caller named some. */
  join(multiaddrs: readonly Multiaddr[]): void {
    this._run(`joiner ${++this._joiners}`, async () => {
      if (!(await this._admitted)) return
      if (multiaddrs.length === 0) this._findPeer()
      else await this._push(multiaddrs.map(uncertified), { source: 'joiner', named: true, joined: true })
    })
  }

  /** The peer store, or a discovery, has learnt addresses. */
  learn(addresses: readonly Address[], source: 'peer-store' | 'discovery'): void {
    if (!this._findsPeer) return
    const origin = { source, named: false, joined: false }
    this._run(`${source} update ${++this._updates}`, () => this._push(addresses, origin))
  }

  /** Nothing is under way: sources that were held back are asked. */
  askDeferred(): void {
    clearTimeout(this._routingTimer)
    this._askRouters?.()
  }

  /** The peer has connected to this node. `answer` is called after `delay` ms, unless the dial ends before. */
  meet(connection: Connection, delay: number, answer: () => void): void {
    this.inbound = connection
    clearTimeout(this._answerTimer)
    if (delay === 0) answer()
    else this._answerTimer = setTimeout(answer, delay)
  }

  /** Ends all sources. */
  end(): void {
    clearTimeout(this._answerTimer)
    this._admit(false)
    this._ended = true
    this._lookupController?.abort(new AbortError('the dial has ended'))
    this.askDeferred()
  }

  private _findPeer(): void {
    const { peerId } = this.target
    if (this._findsPeer || peerId === undefined) return
    this._findsPeer = true
    this._run('peer-store', async () => {
      const stored = await storedAddresses(this._components, peerId)
      await this._push(stored, { source: 'peer-store', named: false, joined: false })
      this._route(peerId)
    })
  }

  private _route(peerId: PeerId): void {
    this._run('routing', async () => {
      const due = new Promise<void>(resolve => {
        this._askRouters = resolve
      })
      if (this._sink.isIdle()) this.askDeferred()
      else this._routingTimer = setTimeout(() => this.askDeferred(), routingDelay)
      await due
      if (this._ended) return
      const found = await routedAddresses(this._components, peerId, { signal: this._signal(), log: this._log })
      await this._push(found, { source: 'routing', named: false, joined: false })
    })
  }

  private async _push(addresses: readonly Address[], origin: Origin): Promise<void> {
    const { target } = this
    const direct: Address[] = []
    for (const address of addresses) {
      const resolver = this._resolvers.find(candidate => candidate.canResolve(address.multiaddr))
      if (resolver === undefined) direct.push(withPeer(address, target.peerId))
      else this._resolve(resolver, address.multiaddr, origin)
    }
    const own = direct.length > 0 ? ownAddresses(this._components) : new Set<string>()
    // Asked side by side: a gater that takes its time for one does not hold back the rest for each.
    const reasons = await Promise.all(
      direct.map(({ multiaddr }) => filterReason(this._components, multiaddr, target.peerId, own))
    )
    const passed: DialTargetAddress[] = []
    for (const [i, address] of direct.entries()) {
      const reason = reasons[i]
      if (reason === undefined) passed.push(this._target(address, origin))
      else this._sink.record(address.multiaddr.toString(), origin.source, { kind: 'filtered', reason })
    }
    if (passed.length > 0) this._sink.add(passed)
  }

  private _target(address: Address, origin: Origin): DialTargetAddress {
    const transport = this._components.transportManager.dialTransportForMultiaddr(address.multiaddr)
    return dialTargetAddress(address, origin.source, { ...origin, ...(transport === undefined ? {} : { transport }) })
  }

  private _resolve(resolver: MultiaddrResolver, address: Multiaddr, origin: Origin): void {
    const text = address.toString()
    if (this._lookups.has(text)) return
    if (this._lookups.size >= maxLookups) {
      this._sink.record(text, origin.source, { kind: 'filtered', reason: `more than ${maxLookups} look-ups` })
      return
    }
    this._lookups.add(text)
    this._run(text, async () => {
      const since = performance.now()
      const record = (state: (elapsed: number) => AddressState): void =>
        this._sink.record(text, origin.source, state(performance.now() - since))
      record(() => ({ kind: 'resolving', since }))
      const signal = this._signal()
      let found: Address[]
      try {
        found = await resolvedAddresses(this._components, resolver, address, { signal, log: this._log })
      } catch (error) {
        record(elapsed => ({ kind: 'failed', stage: 'resolve', error: error as Error, elapsed }))
        return
      }
      record(elapsed => ({ kind: 'resolved', elapsed, count: found.length }))
      await this._push(found, { ...origin, source: text })
    })
  }

  /** Fires with the end of the dial. */
  private _signal(): AbortSignal {
    this._lookupController ??= new AbortController()
    return this._lookupController.signal
  }

  // Names of sources are unique in a dial: the scheduler knows each by its name.
  private _run(source: string, bring: () => Promise<void>): void {
    if (this._ended) return
    this._sink.began(source)
    bring()
      .catch((error: Error) => this._sink.fail(error))
      .finally(() => this._sink.ended(source))
  }
}
