/** Protocols that share a port. */
export type DatagramProtocolName = 'utp' | 'udt' | 'quic' | 'cjdns' | 'udp'

/** What a packet that belongs to nothing known may be. Those of WebRTC are recognised to be counted, and dropped. */
export type FirstPacket = DatagramProtocolName | 'stun' | 'dtls'

/** The first four bytes of every packet of weft's own `udp`: no first packet of another protocol begins so. */
export const udpMagic = 0xb7776674

/** Magic cookie of STUN (RFC 8489 section 5). */
const stunCookie = 0x2112a442

/**
 * Exact predicates of first packets, no two of which hold for the same bytes (a property test shows it). They tell apart
 * by the first byte or the first word alone; what follows makes each as narrow as its protocol is.
 */
export const firstPackets: { readonly [name in FirstPacket]: (view: Uint8Array) => boolean } = {
  /** SYN of version 1: type 4, 20 bytes of header (BEP 29). */
  utp: view => view.byteLength >= 20 && view[0] === 0x41,
  /** Handshake control packet to socket id 0: 16 bytes of header and 48 of body (draft-gg-udt-03 section 4.2). */
  udt: view => view.byteLength === 64 && word(view, 0) === 0x80000000 && word(view, 12) === 0,
  /** Long header with its fixed bit (RFC 9000 section 17.2), long enough for a version and two lengths of ids. */
  quic: view => view.byteLength >= 7 && (view[0]! & 0xc0) === 0xc0,
  /** CryptoAuth handshake: state 0 to 3, 120 bytes of header. */
  cjdns: view => view.byteLength >= 120 && word(view, 0) <= 3,
  /** weft's own datagrams. */
  udp: view => view.byteLength >= 8 && word(view, 0) === udpMagic,
  /** First byte 0 to 19 as RFC 9443 says, a type that is not 0, a length in fours, the cookie (RFC 8489 section 5). */
  stun: view =>
    view.byteLength >= 20 &&
    view[0]! < 20 &&
    word(view, 0) > 0xffff &&
    view[3]! % 4 === 0 &&
    word(view, 4) === stunCookie,
  /** Records of content type 20 to 63 (RFC 9443) of DTLS 1.0 or 1.2, whose version both name in the record. */
  dtls: view =>
    view.byteLength >= 13 &&
    view[0]! >= 20 &&
    view[0]! < 64 &&
    view[1] === 0xfe &&
    (view[2] === 0xfd || view[2] === 0xff)
}

/** What the bytes are as a first packet, `undefined` if nothing that is known. */
export function firstPacketOf(view: Uint8Array): FirstPacket | undefined {
  for (const name of order) if (firstPackets[name](view)) return name
  return undefined
}

/** Big-endian word, as a number of 0 to 2^32-1. Bytes past the end count as 0. */
export function word(view: Uint8Array, at: number): number {
  return (
    (((view[at] ?? 0) << 24) | ((view[at + 1] ?? 0) << 16) | ((view[at + 2] ?? 0) << 8) | (view[at + 3] ?? 0)) >>> 0
  )
}

const order = ['utp', 'quic', 'udt', 'udp', 'cjdns', 'stun', 'dtls'] as const
