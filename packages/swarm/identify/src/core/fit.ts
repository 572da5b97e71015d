/** Messages of at most 4 KiB, which every implementation accepts. */
import { varintLength } from '@weft/bytes'
import { firstProtocolsSize, maxAddresses, maxMessages, maxObservedSize, maxSentSize } from './limits.ts'
import { type IdentifyMessage, identifyMessage } from './message.ts'

// A signed record adds to its addresses: a peer id (at most 42 bytes), key and signature, and the tags and lengths of
// all fields. An RSA signature is not longer than its key; those of the other types have at most 72 bytes.
const recordOverhead = 42 + 48
const maxShortSignature = 72
const observedRoom = maxObservedSize + 3
// Tags and lengths: of an address in the list, and in the record, where it is a message of its own.
const addressOverhead = 3 + 6

/** How many of the addresses fit the first message, each once in the list and once in the signed record, beside an observed address. */
export function countFitting(
  message: Omit<IdentifyMessage, 'listenAddrs' | 'observedAddr' | 'signedPeerRecord'>,
  addresses: readonly Uint8Array[],
  keyLength: number
): number {
  const [protocols] = takeProtocols(message.protocols, firstProtocolsSize)
  const fixed = identifyMessage.encode({ ...message, protocols, listenAddrs: [] }).byteLength
  let room = maxSentSize - fixed - observedRoom - recordOverhead - keyLength - Math.max(keyLength, maxShortSignature)
  let count = 0
  for (const { byteLength } of addresses.slice(0, maxAddresses)) {
    room -= 2 * byteLength + addressOverhead
    if (room < 0) break
    count++
  }
  return count
}

/** What is sent. */
export interface Fitted {
  /** The bytes of each message. */
  messages: Array<Uint8Array<ArrayBuffer>>
  /** Protocols that even ten messages have no room for. */
  leftOut: number
}

/**
 * A message as one, or, where it is longer than 4 KiB, as up to ten (libp2p spec, identify: a message may be split). The first
 * has all but the protocols that do not fit, those of libp2p itself before others, for readers that take one message. Where it is
 * too long all the same, the record is left out, then the addresses.
 */
export function encodeFitting(message: IdentifyMessage): Fitted {
  const whole = identifyMessage.encode(message)
  if (whole.byteLength <= maxSentSize) return { messages: [whole], leftOut: 0 }
  let rest: IdentifyMessage = { ...message, protocols: [] }
  if (identifyMessage.encode(rest).byteLength > maxSentSize - firstProtocolsSize) {
    const { signedPeerRecord: _, ...without } = rest
    rest = { ...without, listenAddrs: [] }
  }
  const messages: Array<Uint8Array<ArrayBuffer>> = []
  let left: readonly string[] = [...message.protocols].sort((a, b) => rankOf(a) - rankOf(b))
  while (messages.length < maxMessages && (messages.length === 0 || left.length > 0)) {
    const room = maxSentSize - identifyMessage.encode(rest).byteLength
    const [protocols, more] = takeProtocols(left, room)
    messages.push(identifyMessage.encode({ ...rest, protocols }))
    if (protocols.length === 0 && messages.length > 1) break
    left = more
    rest = { listenAddrs: [], protocols: [] }
  }
  return { messages, leftOut: left.length }
}

/** As many of the protocols as fit so many bytes, and the rest. */
function takeProtocols(protocols: readonly string[], room: number): [string[], readonly string[]] {
  let used = 0
  let count = 0
  for (const name of protocols) {
    const length = encoder.encode(name).byteLength
    used += 1 + varintLength(length) + length
    if (used > room) break
    count++
  }
  return [protocols.slice(0, count), protocols.slice(count)]
}

const encoder = new TextEncoder()

/** Sorting is stable, so that the order is that of the list otherwise. */
function rankOf(protocol: string): number {
  return protocol.startsWith('/ipfs/') || protocol.startsWith('/libp2p/') ? 0 : 1
}
