/** Ends inbound handshakes that bring too little for the time that they take. One timer looks at all of them. */
import type { MultiaddrConnection } from '@libp2p/interface'
import { receivedBytesOf } from '@weft/interface-connection'
import { lookInterval, Pace } from '../core/admission/pace.ts'
import { type Timeout, TimeoutQueue } from '../timeout-queue.ts'

export class HandshakeWatches {
  readonly #looks = new TimeoutQueue(lookInterval)
  readonly #refuse: () => Error

  /** @param refuse - counts a handshake that is ended, and says why it is */
  constructor(refuse: () => Error) {
    this.#refuse = refuse
  }

  /**
   * Watches a handshake until it is stopped. `undefined`: the connection does not count its bytes.
   * @param minRate - bytes a second
   */
  begin(connection: MultiaddrConnection, minRate: number): HandshakeWatch | undefined {
    if (receivedBytesOf(connection) === undefined) return undefined
    return new HandshakeWatch(connection, minRate, this.#looks, this.#refuse)
  }
}

class HandshakeWatch {
  /** Why the connection was aborted, if it was for this. */
  refusal: Error | undefined
  readonly #connection: MultiaddrConnection
  readonly #minRate: number
  readonly #looks: TimeoutQueue
  readonly #refuse: () => Error
  readonly #pace = new Pace()
  #next: Timeout

  constructor(connection: MultiaddrConnection, minRate: number, looks: TimeoutQueue, refuse: () => Error) {
    this.#connection = connection
    this.#minRate = minRate
    this.#looks = looks
    this.#refuse = refuse
    this.#next = looks.add(this.#look)
  }

  /** From now on the remote is waited for. */
  resume(): void {
    this.#pace.resume(performance.now())
  }

  /** The remote is not waited for. */
  pause(): void {
    this.#pace.pause(performance.now())
  }

  /** The handshake has ended. */
  stop(): void {
    this.#next.clear()
  }

  readonly #look = (): void => {
    const received = receivedBytesOf(this.#connection) ?? 0
    if (!this.#pace.isTooSlow(received, this.#minRate, performance.now())) {
      this.#next = this.#looks.add(this.#look)
      return
    }
    this.refusal = this.#refuse()
    this.#connection.abort(this.refusal)
  }
}

export type { HandshakeWatch }
