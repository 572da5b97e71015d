/**
 * Dials under way. A dial to a peer that is being dialed joins it; each caller keeps its own signal, and a dial ends
 * when the last caller has left. Addresses are tried one after the other.
 */
import type { ComponentLogger, Connection, Logger, PendingDial } from '@libp2p/interface'
import { AbortError, DialError, TimeoutError } from '@weft/errors'
import { raceSignal } from '@weft/interface-connection'
import type { Multiaddr } from '@weft/multiaddr'
import { type DialAttempt, DialDeniedError, dialFailed } from '../connection-errors.ts'
import type { OpenConnectionOptions } from '../contracts.ts'
import { progress } from '../progress.ts'
import { linkSignals } from '../signals.ts'
import { type AddressComponents, dialAddresses } from './dial-addresses.ts'
import type { ConnectionLimits, ConnectionManagerInit } from './options.ts'
import type { PeerAddress } from './peer-address.ts'

/** What dialing needs of the node. */
export interface DialComponents extends AddressComponents {
  logger: ComponentLogger
}

interface Dial {
  id: string
  target: PeerAddress
  options: OpenConnectionOptions
  priority: number
  status: PendingDial['status']
  callers: number
  controller: AbortController
  connection: Promise<Connection>
  start: () => void
}

const defaultPriority = 50

export class DialQueue {
  readonly #components: DialComponents
  readonly #limits: ConnectionLimits
  readonly #init: ConnectionManagerInit
  readonly #log: Logger
  readonly #dials = new Set<Dial>()
  #running = 0
  #nextId = 1

  constructor(components: DialComponents, limits: ConnectionLimits, init: ConnectionManagerInit) {
    this.#components = components
    this.#limits = limits
    this.#init = init
    this.#log = components.logger.forComponent('libp2p:connection-manager:dial-queue')
  }

  /** Dials that wait or run. */
  pending(): PendingDial[] {
    return [...this.#dials].map(({ id, status, target }) => ({
      id,
      status,
      multiaddrs: target.multiaddrs,
      ...(target.peerId === undefined ? {} : { peerId: target.peerId })
    }))
  }

  /** Dials, or joins a dial to the same peer. Rejects with `DialError`, `NoValidAddressesError` or the signal's reason. */
  async dial(target: PeerAddress, options: OpenConnectionOptions): Promise<Connection> {
    const { dialTimeout } = this.#limits
    const late = (): TimeoutError => new TimeoutError(`the dial took more than ${dialTimeout} ms`)
    const signal = linkSignals(
      [options.signal ?? undefined],
      options.signal == null ? { after: dialTimeout, reason: late } : undefined
    )
    const dial = this.#join(target, options) ?? this.#begin(target, options)
    dial.callers++
    try {
      return await raceSignal(dial.connection, signal)
    } finally {
      signal.clear()
      dial.callers--
      // An ended dial has left the queue.
      if (dial.callers === 0 && this.#dials.has(dial)) {
        dial.controller.abort(new AbortError('nobody waits for the dial any more'))
      }
    }
  }

  /** Ends all dials. */
  stop(): void {
    for (const dial of this.#dials) dial.controller.abort(new AbortError('the node is stopping'))
  }

  #join({ peerId, multiaddrs }: PeerAddress, options: OpenConnectionOptions): Dial | undefined {
    if (options.force === true) return undefined
    for (const dial of this.#dials) {
      if (dial.controller.signal.aborted) continue
      const { target } = dial
      const samePeer = peerId !== undefined && target.peerId?.equals(peerId) === true
      const sameAddress = multiaddrs.some(a => target.multiaddrs.some(b => a.equals(b)))
      if (!samePeer && !sameAddress) continue
      progress(options, 'dial-queue:already-in-dial-queue')
      return dial
    }
    return undefined
  }

  #begin(target: PeerAddress, options: OpenConnectionOptions): Dial {
    if (this.#dials.size - this.#running >= this.#limits.maxDialQueueLength) {
      throw new DialError(
        `${this.#limits.maxDialQueueLength} dials are waiting (option connectionManager.maxDialQueueLength)`
      )
    }
    progress(options, 'dial-queue:add-to-dial-queue')
    const controller = new AbortController()
    let start = (): void => {}
    const turn = new Promise<void>(resolve => {
      start = resolve
    })
    const dial: Dial = {
      id: `dial-${this.#nextId++}`,
      target,
      options,
      priority: options.priority ?? defaultPriority,
      status: 'queued',
      callers: 0,
      controller,
      connection: Promise.reject(new Error('replaced below')),
      start
    }
    dial.connection.catch(() => {})
    dial.connection = this.#run(dial, turn)
    this.#dials.add(dial)
    this.#startNext()
    return dial
  }

  async #run(dial: Dial, turn: Promise<void>): Promise<Connection> {
    const { signal } = dial.controller
    try {
      await raceSignal(turn, signal)
      progress(dial.options, 'dial-queue:start-dial')
      return await this.#dialAddresses(dial, signal)
    } finally {
      this.#dials.delete(dial)
      if (dial.status === 'active') this.#running--
      this.#startNext()
    }
  }

  #startNext(): void {
    while (this.#running < this.#limits.maxParallelDials) {
      let next: Dial | undefined
      for (const dial of this.#dials) {
        if (dial.status === 'queued' && (next === undefined || dial.priority > next.priority)) next = dial
      }
      if (next === undefined) return
      next.status = 'active'
      this.#running++
      next.start()
    }
  }

  async #dialAddresses({ target, options }: Dial, signal: AbortSignal): Promise<Connection> {
    const { connectionGater, transportManager } = this.#components
    const { peerId } = target
    if (peerId !== undefined && (await connectionGater.denyDialPeer?.(peerId)) === true) {
      throw new DialDeniedError(`the connection gater denied dialing ${peerId.toString()}`)
    }
    const addresses = await dialAddresses(this.#components, target, this.#addressOptions(signal))
    progress(
      options,
      'dial-queue:calculated-addresses',
      addresses.map(multiaddr => ({ multiaddr, isCertified: false }))
    )
    const attempts: DialAttempt[] = []
    for (const address of addresses) {
      const began = performance.now()
      const limit = this.#limits.addressDialTimeout
      const late = (): TimeoutError => new TimeoutError(`no connection within ${limit} ms`)
      const attemptSignal = linkSignals([signal], { after: limit, reason: late })
      try {
        const dialing = transportManager.dial(address, { ...options, signal: attemptSignal } as never)
        const connection = await raceSignal(dialing, attemptSignal)
        await this.#remember(connection)
        return connection
      } catch (error) {
        signal.throwIfAborted()
        this.#log('dial to %a failed - %e', address, error)
        attempts.push({ address: address.toString(), elapsed: performance.now() - began, error: error as Error })
      } finally {
        attemptSignal.clear()
      }
    }
    throw dialFailed(peerId?.toString() ?? addresses.join(', '), attempts)
  }

  /** The peer store knows whoever was dialed, and where, before the caller goes on. */
  async #remember({ remotePeer, remoteAddr }: Connection): Promise<void> {
    try {
      await this.#components.peerStore.merge(remotePeer, { multiaddrs: [remoteAddr] })
    } catch (error) {
      this.#log.error('could not store the address of %p - %e', remotePeer, error)
    }
  }

  /** Whether any address could be dialed. */
  async isDialable(
    multiaddrs: Multiaddr[],
    signal: AbortSignal | undefined,
    accept: (address: Multiaddr) => boolean
  ): Promise<boolean> {
    try {
      const found = await dialAddresses(
        this.#components,
        { peerId: undefined, multiaddrs },
        this.#addressOptions(signal)
      )
      return found.some(accept)
    } catch {
      return false
    }
  }

  #addressOptions(signal: AbortSignal | undefined): Parameters<typeof dialAddresses>[2] {
    return {
      log: this.#log,
      resolvers: this.#init.resolvers ?? {},
      addressSorter: this.#init.addressSorter,
      maximum: this.#limits.maxPeerAddrsToDial,
      ...(signal === undefined ? {} : { signal })
    }
  }
}
