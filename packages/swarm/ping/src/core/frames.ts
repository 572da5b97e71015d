import { ByteQueue } from '@weft/bytes'
import { ProtocolError } from '@weft/errors'

/** Bytes of a ping and of its answer. */
export const pingLength = 32

/** What the side that is pinged keeps: the pieces of a ping that has not arrived whole. */
export class PingAnswers {
  private readonly _partial = new ByteQueue()

  /** Takes what arrived and returns what is to be sent back: all whole pings, or `undefined`. */
  receive(chunk: Uint8Array): Uint8Array | undefined {
    this._partial.push(chunk)
    const { byteLength } = this._partial
    const whole = byteLength - (byteLength % pingLength)
    return whole === 0 ? undefined : this._partial.take(whole)
  }
}

/** What the side that pings waits for. */
export class PingExpectation {
  private readonly _payload: Uint8Array
  private _received = 0

  constructor(payload: Uint8Array) {
    this._payload = payload
  }

  /** Takes what arrived and returns whether the answer is complete. Throws `ProtocolError` if it is another one. */
  receive(chunk: Uint8Array): boolean {
    for (const byte of chunk) {
      if (byte !== this._payload[this._received]) {
        const at = this._received
        throw new ProtocolError(`the answer to a ping is wrong from byte ${at} on`, { facts: { at } })
      }
      this._received++
    }
    return this._received === this._payload.byteLength
  }
}
