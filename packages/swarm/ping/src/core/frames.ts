import type { ByteQueue } from '@weft/bytes'
import { ProtocolError } from '@weft/errors'

/** Bytes of a ping and of its answer. */
export const pingLength = 32

// Bytes answered at once. A remote that sends more pings than it reads answers has no more than this waiting for it.
const maxAnswer = 16 * 1024

/** Takes what is to be sent back: the whole pings that have arrived, 16 KiB at most, or `undefined`. */
export function takePings(received: ByteQueue): Uint8Array | undefined {
  const length = Math.min(received.byteLength, maxAnswer)
  return length < pingLength ? undefined : received.take(length - (length % pingLength))
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
