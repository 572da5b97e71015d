import { fromUtf8 } from '@weft/bytes'
import { Keystream, nonceLength } from './keystream.ts'

/** Bytes of a fingerprint. */
const fingerprintLength = 16

/**
 * A public name of a network, as go-ipfs makes one: the beginning of the keystream of a nonce that has a meaning. A keystream
 * does not tell its key, and no connection has this nonce but by a chance of 1 to 2^192.
 */
export function fingerprintOf(key: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(nonceLength)
  nonce.set(fromUtf8('weft network fingerprint').subarray(0, nonceLength))
  return new Keystream(key, nonce).apply([new Uint8Array(fingerprintLength)], fingerprintLength)
}
