/** The address sources of one dial: each pushes what it finds into the scheduler, filtered, until the dial ends. */
import type { Address, Connection, Logger, MultiaddrResolver, PeerId } from '@libp2p/interface'
import { AbortError } from '@weft/errors'
import type { Multiaddr } from '@weft/multiaddr'
import { DialDeniedError } from '../connection-errors.ts'
import type { OpenConnectionOptions } from '../contracts.ts'
import { type DialTargetAddress, dialTargetAddress } from './dial-address.ts'
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
import type { AddressState } from '../core/dial-scheduler/model.ts'

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
  starves(): boolean
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
  readonly #components: AddressComponents
  readonly #resolvers: readonly MultiaddrResolver[]
  readonly #sink: AddressSink
  readonly #log: Logger
  #ended = false
  // Most dials look nothing up.
  #lookupController: AbortController | undefined
  readonly #admitted: Promise<boolean>
  #admit: (admitted: boolean) => void = () => {}
  #joiners = 0
  #updates = 0
  readonly #lookups = new Set<string>()
  #findsPeer = false
  #routingTimer: ReturnType<typeof setTimeout> | undefined
  #askRouters: (() => void) | undefined
  #answerTimer: ReturnType<typeof setTimeout> | undefined
  /** A connection that the peer made to this node meanwhile. */
  met: Connection | undefined
  /** Those who wait for it. */
  readonly callers: Set<number> = new Set()
  /** It has its turn. */
  active = false

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
    this.#components = components
    this.#resolvers = resolvers
    this.#sink = sink
    this.#log = log
    this.#admitted = new Promise(resolve => {
      this.#admit = resolve
    })
  }

  /** Opens the sources that the first caller asked for; the gater is asked before. */
  open(): void {
    this.active = true
    this.#run('caller', async () => {
      const { peerId, multiaddrs } = this.target
      const { connectionGater } = this.#components
      const denied = peerId !== undefined && (await connectionGater.denyDialPeer?.(peerId)) === true
      this.#admit(!denied)
      if (denied) this.#sink.fail(new DialDeniedError(`the connection gater denied dialing ${peerId.toString()}`))
      else if (multiaddrs.length === 0) this.#findPeer()
      else await this.#push(multiaddrs.map(uncertified), { source: 'caller', named: true, joined: false })
    })
  }

  /** A joiner brings addresses, or wants all that is known where the first caller named some. */
  join(multiaddrs: readonly Multiaddr[]): void {
    this.#run(`joiner ${++this.#joiners}`, async () => {
      if (!(await this.#admitted)) return
      if (multiaddrs.length === 0) this.#findPeer()
      else await this.#push(multiaddrs.map(uncertified), { source: 'joiner', named: true, joined: true })
    })
  }

  /** The peer store, or a discovery, has learnt addresses. */
  learn(addresses: readonly Address[], source: 'peer-store' | 'discovery'): void {
    if (!this.#findsPeer) return
    const origin = { source, named: false, joined: false }
    this.#run(`${source} update ${++this.#updates}`, () => this.#push(addresses, origin))
  }

  /** Nothing is under way: sources that were held back are asked. */
  starve(): void {
    clearTimeout(this.#routingTimer)
    this.#askRouters?.()
  }

  /** The peer has connected to this node. `answer` is called after `delay` ms, unless the dial ends before. */
  meet(connection: Connection, delay: number, answer: () => void): void {
    this.met = connection
    clearTimeout(this.#answerTimer)
    if (delay === 0) answer()
    else this.#answerTimer = setTimeout(answer, delay)
  }

  /** Ends all sources. */
  end(): void {
    clearTimeout(this.#answerTimer)
    this.#admit(false)
    this.#ended = true
    this.#lookupController?.abort(new AbortError('the dial has ended'))
    this.starve()
  }

  #findPeer(): void {
    const { peerId } = this.target
    if (this.#findsPeer || peerId === undefined) return
    this.#findsPeer = true
    this.#run('peer-store', async () => {
      const stored = await storedAddresses(this.#components, peerId)
      await this.#push(stored, { source: 'peer-store', named: false, joined: false })
      this.#route(peerId)
    })
  }

  #route(peerId: PeerId): void {
    this.#run('routing', async () => {
      const due = new Promise<void>(resolve => {
        this.#askRouters = resolve
      })
      if (this.#sink.starves()) this.starve()
      else this.#routingTimer = setTimeout(() => this.starve(), routingDelay)
      await due
      if (this.#ended) return
      const found = await routedAddresses(this.#components, peerId, { signal: this.#signal(), log: this.#log })
      await this.#push(found, { source: 'routing', named: false, joined: false })
    })
  }

  async #push(addresses: readonly Address[], origin: Origin): Promise<void> {
    const { target } = this
    const direct: Address[] = []
    for (const address of addresses) {
      const resolver = this.#resolvers.find(candidate => candidate.canResolve(address.multiaddr))
      if (resolver === undefined) direct.push(withPeer(address, target.peerId))
      else this.#resolve(resolver, address.multiaddr, origin)
    }
    const own = direct.length > 0 ? ownAddresses(this.#components) : new Set<string>()
    // Asked side by side: a gater that takes its time for one does not hold back the rest for each.
    const reasons = await Promise.all(
      direct.map(({ multiaddr }) => filterReason(this.#components, multiaddr, target.peerId, own))
    )
    const passed: DialTargetAddress[] = []
    for (const [i, address] of direct.entries()) {
      const reason = reasons[i]
      if (reason === undefined) passed.push(dialTargetAddress(address, origin.source, origin))
      else this.#sink.record(address.multiaddr.toString(), origin.source, { kind: 'filtered', reason })
    }
    if (passed.length > 0) this.#sink.add(passed)
  }

  #resolve(resolver: MultiaddrResolver, address: Multiaddr, origin: Origin): void {
    const text = address.toString()
    if (this.#lookups.has(text)) return
    if (this.#lookups.size >= maxLookups) {
      this.#sink.record(text, origin.source, { kind: 'filtered', reason: `more than ${maxLookups} look-ups` })
      return
    }
    this.#lookups.add(text)
    this.#run(text, async () => {
      const since = performance.now()
      const record = (state: (elapsed: number) => AddressState): void =>
        this.#sink.record(text, origin.source, state(performance.now() - since))
      record(() => ({ kind: 'resolving', since }))
      const signal = this.#signal()
      let found: Address[]
      try {
        found = await resolvedAddresses(this.#components, resolver, address, { signal, log: this.#log })
      } catch (error) {
        record(elapsed => ({ kind: 'failed', stage: 'resolve', error: error as Error, elapsed }))
        return
      }
      record(elapsed => ({ kind: 'resolved', elapsed, count: found.length }))
      await this.#push(found, { ...origin, source: text })
    })
  }

  /** Fires with the end of the dial. */
  #signal(): AbortSignal {
    this.#lookupController ??= new AbortController()
    return this.#lookupController.signal
  }

  // Names of sources are unique in a dial: the scheduler knows each by its name.
  #run(source: string, bring: () => Promise<void>): void {
    if (this.#ended) return
    this.#sink.began(source)
    bring()
      .catch((error: Error) => this.#sink.fail(error))
      .finally(() => this.#sink.ended(source))
  }
}
