import { InvalidParametersError } from '@weft/errors'
import { isUint8ArrayList, type Uint8ArrayList } from 'uint8arraylist'

/** The chunks of what a caller has passed as bytes. Throws `InvalidParametersError` for anything else, text above all. */
export function chunksOf(data: Uint8Array | Uint8ArrayList, operation: string): Iterable<Uint8Array> {
  if (data instanceof Uint8Array) return [data]
  if (isUint8ArrayList(data)) return data
  const given: unknown = data
  // One of another realm.
  if (ArrayBuffer.isView(given) && Object.prototype.toString.call(given) === '[object Uint8Array]') {
    return [new Uint8Array(given.buffer, given.byteOffset, given.byteLength)]
  }
  const what =
    given === null ? 'null' : typeof given === 'object' ? (given.constructor?.name ?? 'an object') : typeof given
  const hint = typeof given === 'string' ? ': encode text with a TextEncoder' : ''
  throw new InvalidParametersError(`${operation}() takes a Uint8Array or a Uint8ArrayList, not ${what}${hint}`)
}
