/** The peer that an address leads to. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { concat, encodeVarint } from '@weft/bytes'
import { CODE_P2P, CODE_P2P_CIRCUIT } from './codes.ts'
import { readSpans, type Span, spanValue } from './codec.ts'
import { bytesOf, multiaddr } from './multiaddr.ts'

const p2pCode = encodeVarint(CODE_P2P)

/**
 * The peer that an address leads to, as base58btc: the last `/p2p` behind the last `/p2p-circuit`, so never the relay;
 * undefined if there is none.
 */
export function p2pOf(address: Multiaddr): string | undefined {
  const bytes = bytesOf(address)
  const span = p2pSpan(bytes)
  return span === undefined ? undefined : spanValue(span, bytes)
}

/** The same as the bytes of a multihash, a view of the address: without the cost of base58btc. */
export function p2pBytesOf(address: Multiaddr): Uint8Array | undefined {
  const bytes = bytesOf(address)
  const span = p2pSpan(bytes)
  return span === undefined ? undefined : bytes.subarray(span.valueStart, span.end)
}

/**
 * The address with a peer's id at its end, itself where it leads to a peer already (`p2pOf`). `id` are the bytes of the id's
 * multihash. Throws `InvalidMultiaddrError` if they are none, or the whole is too long.
 */
export function encapsulatePeer(address: Multiaddr, id: Uint8Array): Multiaddr {
  if (p2pBytesOf(address) !== undefined) return address
  return address.encapsulate(multiaddr(concat([p2pCode, encodeVarint(id.byteLength), id])))
}

function p2pSpan(bytes: Uint8Array): Span | undefined {
  const last = readSpans(bytes).findLast(
    ({ protocol }) => protocol.code === CODE_P2P || protocol.code === CODE_P2P_CIRCUIT
  )
  return last?.protocol.code === CODE_P2P ? last : undefined
}
