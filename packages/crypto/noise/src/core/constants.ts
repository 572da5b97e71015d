/** Bytes in the length prefix of every message. */
export const prefixLength = 2
/** Bytes in the largest Noise message (Noise, section 3). */
const maxMessageLength = 65_535
/** Bytes in the tag of ChaCha20-Poly1305. */
export const tagLength = 16
/** Bytes of plaintext in the largest transport message: 65,519. */
export const maxPlaintextLength: number = maxMessageLength - tagLength
/** Bytes in a public key. */
export const keyLength = 32

/** Writes the length prefix of a message of `length` bytes. */
export function writePrefix(length: number, target: Uint8Array): void {
  target[0] = length >>> 8
  target[1] = length
}

/** A message with its length prefix. */
export function withPrefix(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(prefixLength + message.byteLength)
  writePrefix(message.byteLength, framed)
  framed.set(message, prefixLength)
  return framed
}
