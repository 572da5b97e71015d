/** Attempts under way: each is one call of a transport, answered to the scheduler exactly once. */
import type { Connection, Logger, OpenConnectionProgressEvents } from '@libp2p/interface'
import { AbortError, ConnectionClosedError, type DialStage, lineOf } from '@weft/errors'
import { raceSignal } from '@weft/interface-connection'
import type { OpenConnectionOptions } from '@weft/interface-node'
import type { AbortReason } from './core/model.ts'
import type { DialScheduler } from './core/scheduler.ts'
import type { DialTargetAddress } from './dial-address.ts'
import type { DialMemory } from './dial-memory.ts'
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

interface Attempt {
  readonly controller: AbortController
  givenUp?: AbortReason
}

export class DialAttempts {
  private readonly _components: AddressComponents
  private readonly _memory: DialMemory
  private readonly _log: Logger
  private readonly _tell: Tell
  private readonly _closeRedundant: (connection: Connection) => void
  private readonly _running = new Map<number, Attempt>()
  /** Those whose answer is being taken up. */
  private readonly _made = new Map<number, { connection: Connection; stored?: Promise<Connection> }>()

  /** @param closeRedundant - takes a connection that came about although its dial had ended with another */
  constructor(
    components: AddressComponents,
    memory: DialMemory,
    log: Logger,
    tell: Tell,
    closeRedundant: (connection: Connection) => void
  ) {
    this._memory = memory
    this._components = components
    this._log = log
    this._tell = tell
    this._closeRedundant = closeRedundant
  }

  /** `onProgress` hears of what the transport and the upgrader tell. */
  start(
    id: number,
    address: DialTargetAddress,
    options: OpenConnectionOptions,
    onProgress: (event: DialProgress) => void
  ): void {
    const attempt: Attempt = { controller: new AbortController() }
    this._running.set(id, attempt)
    this._dial(id, attempt, address, { ...options, onProgress })
      .then(
        connection => {
          this._made.set(id, { connection })
          this._tell((scheduler, now) => scheduler.attemptSucceeded(id, now))
          this._made.delete(id)
        },
        (error: Error) => {
          if (this._log.enabled) this._log('dial of %a failed: %s', address.multiaddr, lineOf(error))
          this._log.trace('dial of %a failed - %e', address.multiaddr, error)
          this._tell((scheduler, now) => scheduler.attemptFailed(id, error, now))
        }
      )
      .finally(() => this._running.delete(id))
  }

  abort(id: number, reason: AbortReason): void {
    const attempt = this._running.get(id)
    if (attempt === undefined) return
    attempt.givenUp ??= reason
    attempt.controller.abort(givenUp(reason))
  }

  /** Closes what connected after its dial was decided. */
  close(id: number): void {
    const made = this._made.get(id)
    if (made !== undefined) this._drop(made.connection, this._running.get(id)?.givenUp ?? 'lost')
  }

  /** The connection of an attempt that succeeds in this very turn. */
  made(id: number): Connection | undefined {
    return this._made.get(id)?.connection
  }

  /** The connection of a successful attempt. The peer store knows whoever was dialed, and where, before the caller goes on. */
  connection(id: number): Promise<Connection> {
    const made = this._made.get(id)
    if (made === undefined) return Promise.reject(new ConnectionClosedError('the connection is gone'))
    made.stored ??= this._memory.succeeded(made.connection).then(() => made.connection)
    return made.stored
  }

  // The node knows a connection a little earlier than the dial that made it. If the peer's own, or another attempt, ended
  // the dial in between, some caller may have this one already, here or at the peer, and must not lose it.
  private _drop(connection: Connection, reason: AbortReason): void {
    if (reason === 'lost') this._closeRedundant(connection)
    else connection.abort(givenUp(reason))
  }

  private async _dial(
    id: number,
    attempt: Attempt,
    { multiaddr }: DialTargetAddress,
    options: OpenConnectionOptions
  ): Promise<Connection> {
    const { signal } = attempt.controller
    const onProgress = (event: DialProgress): void => {
      const stage = stages.get(event.type)
      if (stage !== undefined) this._tell((scheduler, now) => scheduler.attemptReached(id, stage, now))
      options.onProgress?.(event)
    }
    const dialing = this._components.transportManager.dial(multiaddr, { ...options, signal, onProgress } as never)
    // A transport that does not heed the signal connects all the same: nobody would close that.
    dialing.then(
      connection => {
        if (attempt.givenUp !== undefined) this._drop(connection, attempt.givenUp)
      },
      () => {}
    )
    return raceSignal(dialing, signal)
  }
}

function givenUp(reason: AbortReason): AbortError {
  return new AbortError(`the attempt was given up: ${reason}`)
}
