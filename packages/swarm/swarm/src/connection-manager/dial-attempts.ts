/** Attempts under way: each is one call of a transport, answered to the scheduler exactly once. */
import type { Connection, Logger, OpenConnectionProgressEvents } from '@libp2p/interface'
import { AbortError, ConnectionClosedError } from '@weft/errors'
import { raceSignal } from '@weft/interface-connection'
import type { OpenConnectionOptions } from '../contracts.ts'
import type { AbortReason, DialStage } from '../core/dial-scheduler/model.ts'
import type { DialScheduler } from '../core/dial-scheduler/scheduler.ts'
import type { DialTargetAddress } from './dial-address.ts'
import type { AddressComponents } from './dial-sources.ts'

/** An event of a dial's progress. */
export type DialProgress = OpenConnectionProgressEvents

/** Tells the scheduler something. */
type Tell = (report: (scheduler: DialScheduler<DialTargetAddress>, now: number) => void) => void

// What the upgrade of a connection reports on its way. js-libp2p's upgrader has the last two.
const stages = new Map<string, DialStage>([
  ['upgrader:negotiate-outbound-connection', 'negotiate'],
  ['upgrader:encrypt-outbound-connection', 'secure'],
  ['upgrader:multiplex-outbound-connection', 'mux']
])

export class DialAttempts {
  readonly #components: AddressComponents
  readonly #log: Logger
  readonly #tell: Tell
  readonly #controllers = new Map<number, AbortController>()
  /** Those whose answer is being taken up. */
  readonly #made = new Map<number, { connection: Connection; stored?: Promise<Connection> }>()

  constructor(components: AddressComponents, log: Logger, tell: Tell) {
    this.#components = components
    this.#log = log
    this.#tell = tell
  }

  /** `onProgress` hears of what the transport and the upgrader tell. */
  start(
    id: number,
    address: DialTargetAddress,
    options: OpenConnectionOptions,
    onProgress: (event: DialProgress) => void
  ): void {
    const controller = new AbortController()
    this.#controllers.set(id, controller)
    this.#dial(id, address, { ...options, signal: controller.signal, onProgress })
      .then(
        connection => {
          this.#made.set(id, { connection })
          this.#tell((scheduler, now) => scheduler.attemptSucceeded(id, now))
          this.#made.delete(id)
        },
        (error: Error) => {
          this.#log('dial to %a failed - %e', address.multiaddr, error)
          this.#tell((scheduler, now) => scheduler.attemptFailed(id, error, now))
        }
      )
      .finally(() => this.#controllers.delete(id))
  }

  abort(id: number, reason: AbortReason): void {
    this.#controllers.get(id)?.abort(new AbortError(`the attempt was given up: ${reason}`))
  }

  /** Closes what connected after its dial was decided. */
  close(id: number): void {
    this.#made.get(id)?.connection.abort(new AbortError('another attempt connected first'))
  }

  /** The connection of an attempt that succeeds in this very turn. */
  made(id: number): Connection | undefined {
    return this.#made.get(id)?.connection
  }

  /** The connection of a successful attempt. The peer store knows whoever was dialed, and where, before the caller goes on. */
  connection(id: number): Promise<Connection> {
    const made = this.#made.get(id)
    if (made === undefined) return Promise.reject(new ConnectionClosedError('the connection is gone'))
    made.stored ??= this.#remember(made.connection)
    return made.stored
  }

  async #remember(connection: Connection): Promise<Connection> {
    const { remotePeer, remoteAddr } = connection
    try {
      await this.#components.peerStore.merge(remotePeer, { multiaddrs: [remoteAddr] })
    } catch (error) {
      this.#log.error('could not store the address of %p - %e', remotePeer, error)
    }
    return connection
  }

  async #dial(
    id: number,
    { multiaddr }: DialTargetAddress,
    options: OpenConnectionOptions & { signal: AbortSignal }
  ): Promise<Connection> {
    const { signal } = options
    const onProgress = (event: DialProgress): void => {
      const stage = stages.get(event.type)
      if (stage !== undefined) this.#tell((scheduler, now) => scheduler.attemptReached(id, stage, now))
      options.onProgress?.(event)
    }
    const dialing = this.#components.transportManager.dial(multiaddr, { ...options, onProgress } as never)
    // A transport that does not heed the signal connects all the same: nobody would close that.
    dialing.then(
      connection => {
        if (signal.aborted) connection.abort(new AbortError('the attempt was given up'))
      },
      () => {}
    )
    return raceSignal(dialing, signal)
  }
}
