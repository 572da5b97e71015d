/** The callers of dials: their promises, what they are told on the way, and the errors that they get. */
import type { Connection, Logger } from '@libp2p/interface'
import { AbortError, ConnectionClosedError, type DialFailure, lineOf } from '@weft/errors'
import { type OpenConnectionOptions, tellProgress } from '@weft/interface-node'
import type { Outcome } from './core/model.ts'
import type { DialTargetAddress } from './dial-address.ts'
import type { DialAttempts, DialProgress } from './dial-attempts.ts'
import { dialEnded, dialFailed, dialTooSlow, tooManyDials } from './dial-errors.ts'
import type { DialMemory } from './dial-memory.ts'
import type { DialMeter, DialOutcome } from './dial-meter.ts'
import { nameOf, type PeerAddress } from './peer-address.ts'
import type { RunningDial } from './running-dial.ts'
import type { SchedulerDriver } from './scheduler-driver.ts'
import type { SimultaneousOpen } from './simultaneous-open.ts'

/** Someone who waits for a dial. */
export interface Caller {
  readonly target: PeerAddress
  readonly options: OpenConnectionOptions
  /** When the wait began, in the clock of `performance.now()`. */
  readonly since: number
  readonly resolve: (connection: Connection | Promise<Connection>) => void
  readonly reject: (error: unknown) => void
}

/** What callers are told from. */
export interface CallerParts {
  readonly driver: SchedulerDriver
  readonly dials: ReadonlyMap<number, RunningDial>
  readonly attempts: DialAttempts
  readonly memory: DialMemory
  readonly meter: DialMeter | undefined
  readonly simultaneous: SimultaneousOpen
  /** Milliseconds that a dial without a signal may take. */
  readonly dialTimeout: number
  readonly log: Logger
}

interface Waiting {
  readonly caller: Caller
  readonly dial: number | undefined
}

/** Those who wait, by the scheduler's numbers for them. */
export class DialCallers {
  private readonly _parts: CallerParts
  private readonly _waiting = new Map<number, Waiting>()

  constructor(parts: CallerParts) {
    this._parts = parts
  }

  /** The caller waits for a dial, or for none: then it is about to be told why. */
  register(id: number, dial: number | undefined, caller: Caller): void {
    this._waiting.set(id, { caller, dial })
    if (dial !== undefined) this._parts.dials.get(dial)?.callers.add(id)
  }

  /** Tells the callers of a dial, as js-libp2p does. One whose listener throws gets the error, and leaves. */
  tellAll(dial: number, event: DialProgress): void {
    for (const id of [...(this._parts.dials.get(dial)?.callers ?? [])]) this.tell(id, event)
  }

  tell(id: number, event: DialProgress): void {
    const waiting = this._waiting.get(id)
    const onError = (error: unknown): void => {
      if (waiting === undefined || this._waiting.get(id) !== waiting) return
      waiting.caller.reject(error)
      this._parts.driver.tell((scheduler, now) => scheduler.leave(id, now))
    }
    try {
      tellProgress(waiting?.caller.options.onProgress, event, onError)
    } catch (error) {
      onError(error)
    }
  }

  /** The scheduler is done with a caller. */
  settle(id: number, outcome: Outcome<DialTargetAddress>): void {
    const waiting = this._waiting.get(id)
    if (waiting === undefined) return
    this._waiting.delete(id)
    const { caller } = waiting
    const dial = waiting.dial === undefined ? undefined : this._parts.dials.get(waiting.dial)
    dial?.callers.delete(id)
    const inbound = outcome.kind !== 'connected' && dial?.inbound?.status === 'open' ? dial.inbound : undefined
    const result = inbound === undefined ? outcomes[outcome.kind] : 'connected'
    this._parts.meter?.settled(result, (performance.now() - caller.since) / 1000)
    if (inbound === undefined) this._answer(caller, dial, outcome)
    else caller.resolve(inbound)
  }

  private _answer(caller: Caller, dial: RunningDial | undefined, outcome: Outcome<DialTargetAddress>): void {
    const name = nameOf(caller.target)
    switch (outcome.kind) {
      case 'connected':
        this._connected(caller, outcome.attempt)
        break
      case 'answered':
        this._reject(caller, new ConnectionClosedError('the peer connected to this node, and closed that at once'))
        break
      case 'failed':
        if (outcome.error === undefined) this._fail(caller, dial, dialFailed(name, outcome.report))
        else this._reject(caller, dialEnded(outcome.error, outcome.report))
        break
      case 'timeout':
        this._fail(caller, dial, dialTooSlow(name, this._parts.dialTimeout, outcome.report))
        break
      case 'refused':
        this._reject(caller, tooManyDials(outcome.dials))
        break
      case 'left':
        this._reject(caller, new AbortError('the caller waits for the dial no more'))
    }
  }

  private _connected({ options, target, since, resolve }: Caller, attempt: number): void {
    const { attempts, simultaneous, log } = this._parts
    const made = attempts.made(attempt)
    if (made !== undefined && options.force !== true) simultaneous.dialed(made)
    if (log.enabled) log('dialed %s in %d ms', nameOf(target), Math.round(performance.now() - since))
    resolve(attempts.connection(attempt))
  }

  /** The peer store knows of a failure before the caller does. */
  private _fail(caller: Caller, dial: RunningDial | undefined, error: DialFailure): void {
    const { peerId } = caller.target
    const wasTried = [...error.attempts, ...error.skipped].some(({ stage }) => stage !== 'resolve' && stage !== 'wait')
    if (peerId === undefined || dial === undefined || !wasTried) {
      this._reject(caller, error)
      return
    }
    const { memory, driver } = this._parts
    dial.failed ??= memory.failed(peerId, driver.scheduler.backoffUntil(peerId.toString()))
    void dial.failed.then(() => this._reject(caller, error))
  }

  private _reject(caller: Caller, error: Error): void {
    const { log } = this._parts
    if (log.enabled) {
      const after = Math.round(performance.now() - caller.since)
      log('dial of %s failed after %d ms: %s', nameOf(caller.target), after, lineOf(error))
    }
    caller.reject(error)
  }
}

const outcomes: Readonly<Record<Outcome<DialTargetAddress>['kind'], DialOutcome>> = {
  connected: 'connected',
  // The connection of the peer was closed at once.
  answered: 'failed',
  failed: 'failed',
  timeout: 'timeout',
  refused: 'refused',
  left: 'aborted'
}
