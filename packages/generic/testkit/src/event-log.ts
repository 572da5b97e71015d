import { TestkitError } from './errors.ts'

/** What happened on a simulated network. */
export type NetworkEventKind =
  | 'send'
  | 'deliver'
  | 'drop'
  | 'duplicate'
  | 'corrupt'
  | 'delay'
  | 'end'
  | 'cut'
  | 'freeze'
  | 'thaw'
  | 'flip'
  | 'reset'
  | 'partition'
  | 'heal'

/** One line of the log. */
export interface NetworkEvent {
  /** Time in ms. */
  readonly at: number
  /** What happened. */
  readonly kind: NetworkEventKind
  /** Where: `from>to`. */
  readonly where: string
  /** Bytes that it concerned. */
  readonly bytes: number
  /** Why, for a drop; which byte, for a fault. */
  readonly detail?: string
}

/** A simulation that does more is out of hand, and its log would fill the memory. */
const maxEvents = 1_000_000

/**
 * What happened, in order. The same seed and the same calls give the same log, so a failing test prints its seed and is
 * run again from it.
 */
export class EventLog {
  private readonly _events: NetworkEvent[] = []

  /** All events, oldest first. */
  get events(): readonly NetworkEvent[] {
    return this._events
  }

  /** Appends an event. Throws `TestkitError` at the millionth. */
  add(event: NetworkEvent): void {
    if (this._events.length >= maxEvents) throw new TestkitError('ERR_LOG_FULL', `more than ${maxEvents} events`)
    this._events.push(event)
  }

  /** How many events there are of a kind, on one link if `where` is given. */
  count(kind: NetworkEventKind, where?: string): number {
    return this._events.filter(event => event.kind === kind && (where === undefined || event.where === where)).length
  }

  /** One line for each event: time, place, kind, bytes, detail. */
  toString(): string {
    return this._events
      .map(({ at, where, kind, bytes, detail }) =>
        `${at.toFixed(3)} ${where} ${kind} ${bytes} ${detail ?? ''}`.trimEnd()
      )
      .join('\n')
  }
}
