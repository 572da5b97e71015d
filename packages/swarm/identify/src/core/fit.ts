/** One message of at most 4 KiB, which every implementation accepts. */
import { maxAddresses, maxObservedSize, maxSentSize } from './limits.ts'
import { type IdentifyMessage, identifyMessage } from './message.ts'

// A signed record adds to its addresses: a peer id (at most 42 bytes), key and signature, and the tags and lengths of
// all fields. An RSA signature is not longer than its key; those of the other types have at most 72 bytes.
const recordOverhead = 42 + 48
const maxShortSignature = 72
const observedRoom = maxObservedSize + 3
// Tags and lengths: of an address in the list, and in the record, where it is a message of its own.
const addressOverhead = 3 + 6

/** How many of the addresses fit, each once in the list and once in the signed record, beside an observed address. */
export function countFitting(
  message: Omit<IdentifyMessage, 'listenAddrs' | 'observedAddr' | 'signedPeerRecord'>,
  addresses: readonly Uint8Array[],
  keyLength: number
): number {
  const fixed = identifyMessage.encode({ ...message, listenAddrs: [] }).byteLength
  let room = maxSentSize - fixed - observedRoom - recordOverhead - keyLength - Math.max(keyLength, maxShortSignature)
  let count = 0
  for (const { byteLength } of addresses.slice(0, maxAddresses)) {
    room -= 2 * byteLength + addressOverhead
    if (room < 0) break
    count++
  }
  return count
}

/** The message's bytes. Where it is too long, the record is left out first, then the addresses, then protocols. */
export function encodeFitting(message: IdentifyMessage): Uint8Array<ArrayBuffer> {
  let encoded = identifyMessage.encode(message)
  if (encoded.byteLength <= maxSentSize) return encoded
  const { signedPeerRecord: _, ...rest } = message
  encoded = identifyMessage.encode({ ...rest, listenAddrs: [] })
  for (let count = rest.protocols.length; encoded.byteLength > maxSentSize && count > 0; ) {
    count = Math.floor(count * 0.9)
    encoded = identifyMessage.encode({ ...rest, listenAddrs: [], protocols: rest.protocols.slice(0, count) })
  }
  return encoded
}
