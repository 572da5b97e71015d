/** A DNS message (RFC 1035, RFC 6762 section 18), as far as discovery reads and writes it, and its limits. */

/** Bytes of a packet: the most that multicast DNS allows (RFC 6762, section 17), headers of IP and UDP included there. */
export const maxPacketLength = 9000
/** Questions and records of a packet together. rust-libp2p writes 59, go-libp2p 6. */
export const maxEntries = 128
/** Texts of all TXT records of a packet together: an address each. */
export const maxTexts = 256
/** Bytes of a name on the wire, and its labels (RFC 1035, section 2.3.4). */
export const maxNameLength = 255
/** Bytes of a label, and so of a `peerName`. */
export const maxLabelLength = 63
/** Compression pointers that one name may follow: one for each label that fits. */
export const maxPointers = 127
/** Bytes of one text of a TXT record (RFC 6763, section 6.1). */
export const maxTextLength = 255

/** Types of records that are read and written. Others are passed over. */
export const recordTypes = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 } as const
/** Asks for records of every type. */
export const anyType = 255
/** The class of the internet: the only one. */
export const internetClass = 1
/** In a question: the answer may come by unicast. In a record: it replaces all others of its name and type. */
export const topBit = 0x8000

/** The bit of the flags that tells an answer from a query. */
export const responseFlag = 0x8000
/** The flags of an answer of multicast DNS: a response, with authority (RFC 6762, sections 18.2, 18.4). */
export const answerFlags = 0x8400

/** What is asked. */
export interface Question {
  /** Labels joined by dots; what is no letter, digit, `-` or `_` in a label is written `\DDD`. */
  readonly name: string
  /** One of `recordTypes`, `anyType`, or another one. */
  readonly type: number
  /** With the `topBit`. */
  readonly class: number
}

interface RecordBase {
  /** Whose record it is. */
  readonly name: string
  /** Seconds for which it may be kept; 0 says that it is gone. */
  readonly ttl: number
  /** Whether it replaces others of its name and type. */
  readonly flush: boolean
}

/** A record of one of the types that are read. */
export type DnsRecord = RecordBase &
  (
    | { readonly type: 'PTR'; readonly target: string }
    | { readonly type: 'SRV'; readonly port: number; readonly target: string }
    | { readonly type: 'TXT'; readonly texts: readonly Uint8Array[] }
    | { readonly type: 'A' | 'AAAA'; readonly address: Uint8Array }
  )

/** A packet. */
export interface DnsMessage {
  /** Chosen at random for a query; 0 in an answer. */
  readonly id: number
  /** See `responseFlag`. */
  readonly flags: number
  /** What is asked. */
  readonly questions: readonly Question[]
  /** What answers it. */
  readonly answers: readonly DnsRecord[]
  /** In a query: what somebody is about to claim. */
  readonly authorities: readonly DnsRecord[]
  /** What is told beside. */
  readonly additionals: readonly DnsRecord[]
}
