/** When the peers of a list are announced: until the node is connected, and again when its connections run out. */

export interface RoundsInit {
  /** Milliseconds from the start to the first round. */
  timeout: number
  /** Connections below which rounds go on. */
  minConnections: number
  /** Milliseconds from the first round to the second, and from the loss of a connection to the next round. */
  minInterval: number
  /** Milliseconds between two rounds at most: each round doubles the interval up to it. */
  maxInterval: number
}

type State =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'searching'; readonly round: number; readonly at: number }
  | { readonly kind: 'connected' }

/** Pure: `now` is milliseconds of any clock that does not go back. */
export class Rounds {
  private readonly _init: RoundsInit
  private _state: State = { kind: 'stopped' }
  private _connections = 0

  constructor(init: RoundsInit) {
    this._init = init
  }

  /** When `tick` is due; `Infinity` while there is nothing to do. */
  get wakeAt(): number {
    return this._state.kind === 'searching' ? this._state.at : Number.POSITIVE_INFINITY
  }

  /** The first round is run even when connections are there already: its peers may be wanted for more than that. */
  start(connections: number, now: number): void {
    this._connections = connections
    this._state = { kind: 'searching', round: 0, at: now + this._init.timeout }
  }

  stop(): void {
    this._state = { kind: 'stopped' }
  }

  /** The node has so many connections now. */
  connections(count: number, now: number): void {
    this._connections = count
    const enough = count >= this._init.minConnections
    if (this._state.kind === 'searching' && this._state.round > 0 && enough) this._state = { kind: 'connected' }
    if (this._state.kind === 'connected' && !enough) this._state = this._searching(1, now)
  }

  /** Whether the list is to be announced now. */
  tick(now: number): boolean {
    if (this._state.kind !== 'searching' || now < this._state.at) return false
    this._state = this._searching(this._state.round + 1, now)
    // Of the first round, which was run although there were enough.
    this.connections(this._connections, now)
    return true
  }

  private _searching(round: number, now: number): State {
    const { minInterval, maxInterval } = this._init
    return { kind: 'searching', round, at: now + Math.min(maxInterval, minInterval * 2 ** (round - 1)) }
  }
}
