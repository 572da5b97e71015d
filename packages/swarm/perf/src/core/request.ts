import { ByteQueue } from '@weft/bytes'
import { InvalidParametersError, ProtocolError } from '@weft/errors'

const headerLength = 8

const maxBytes = 2n ** 64n - 1n

/** How many bytes the remote shall send: a big-endian 64-bit number. Throws `InvalidParametersError` for what is none. */
export function encodeRequest(receiveBytes: number | bigint): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(headerLength)
  new DataView(header.buffer).setBigUint64(0, checkBytes('receiveBytes', receiveBytes))
  return header
}

/**
 * `value` as a number of bytes that the protocol can name: 0 and the largest number of 64 bits are among them (perf.md,
 * "Protocol"). Throws `InvalidParametersError` for others.
 */
export function checkBytes(name: string, value: number | bigint): bigint {
  if (typeof value === 'bigint' || Number.isInteger(value)) {
    const bytes = BigInt(value)
    if (bytes >= 0n && bytes <= maxBytes) return bytes
  }
  throw new InvalidParametersError(`perf: ${name} must be a whole number of 0 to 2^64 - 1, not ${value}`)
}

/** What the serving side keeps of an upload: its first bytes, and nothing of the rest. */
export class PerfRequest {
  private readonly _header = new ByteQueue()

  receive(chunk: Uint8Array): void {
    const missing = headerLength - this._header.byteLength
    if (missing > 0) this._header.push(new Uint8Array(chunk.subarray(0, missing)))
  }

  /**
   * The upload has ended: how many bytes to send. Numbers beyond 2^53 are rounded, which nobody will live to see. Throws
   * `ProtocolError` if the number did not arrive.
   */
  end(): number {
    const { byteLength } = this._header
    const header = this._header.take(headerLength)
    if (header === undefined) {
      throw new ProtocolError(`the request has ${byteLength} bytes instead of ${headerLength}`, {
        facts: { byteLength }
      })
    }
    return Number(new DataView(header.buffer, header.byteOffset, headerLength).getBigUint64(0))
  }
}
