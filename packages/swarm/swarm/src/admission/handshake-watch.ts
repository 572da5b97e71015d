/** Ends inbound handshakes that bring too little for the time that they take. One timer looks at all of them. */
import type { MultiaddrConnection } from '@libp2p/interface'
import { type Timeout, TimeoutQueue } from '@weft/collections'
import { receivedBytesOf } from '@weft/interface-connection'
import { lookInterval, Pace } from '../core/admission/pace.ts'

export class HandshakeWatches {
  private readonly _looks = new TimeoutQueue(lookInterval)
  private readonly _refuse: () => Error

  /** @param refuse - counts a handshake that is ended, and says why it is */
  constructor(refuse: () => Error) {
    this._refuse = refuse
  }

  /**
   * Watches a handshake until it is stopped. `undefined`: the connection does not count its bytes.
   * @param minRate - bytes a second
   */
  begin(connection: MultiaddrConnection, minRate: number): HandshakeWatch | undefined {
    if (receivedBytesOf(connection) === undefined) return undefined
    return new HandshakeWatch(connection, minRate, this._looks, this._refuse)
  }
}

class HandshakeWatch {
  /** Why the connection was aborted, if it was for this. */
  refusal: Error | undefined
  private readonly _connection: MultiaddrConnection
  private readonly _minRate: number
  private readonly _looks: TimeoutQueue
  private readonly _refuse: () => Error
  private readonly _pace = new Pace()
  private _next: Timeout

  constructor(connection: MultiaddrConnection, minRate: number, looks: TimeoutQueue, refuse: () => Error) {
    this._connection = connection
    this._minRate = minRate
    this._looks = looks
    this._refuse = refuse
    this._next = looks.add(this._look)
  }

  /** From now on the remote is waited for. */
  resume(): void {
    this._pace.resume(performance.now())
  }

  /** The remote is not waited for. */
  pause(): void {
    this._pace.pause(performance.now())
  }

  /** The handshake has ended. */
  stop(): void {
    this._next.clear()
  }

  private readonly _look = (): void => {
    const received = receivedBytesOf(this._connection) ?? 0
    if (!this._pace.isTooSlow(received, this._minRate, performance.now())) {
      this._next = this._looks.add(this._look)
      return
    }
    this.refusal = this._refuse()
    this._connection.abort(this.refusal)
  }
}

export type { HandshakeWatch }
