import type { PeerId, Record } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import { InvalidMessageError, InvalidParametersError } from '@weft/errors'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import type { Uint8ArrayList } from 'uint8arraylist'
import { type PeerRecordMessage, peerRecordMessage } from './core/peer-record-message.ts'
import { maxAddresses, maxEnvelopeLength } from './limits.ts'

/** Separates signatures over peer records from all others (libp2p RFC 0003). */
export const peerRecordDomain = 'libp2p-peer-record'

/** The multicodec `libp2p-peer-record`, 0x0301, in the two bytes that every implementation writes. */
export const peerRecordCodec: Uint8Array<ArrayBuffer> = Uint8Array.of(0x03, 0x01)

/** What a peer record says. */
export interface PeerRecordInit {
  /** Whom it is about, and who must sign it. */
  peerId: PeerId
  /** At most 64. Default none. */
  multiaddrs?: Multiaddr[]
  /** Higher than that of every record before. Default: milliseconds since 1970, or one more than the default before. */
  seqNumber?: bigint
}

/** The addresses of a peer as it states them itself, numbered so that the newest is known (libp2p RFC 0003). */
export class PeerRecord implements Record {
  /** `peerRecordDomain`, where js-libp2p has it. */
  static readonly DOMAIN: string = peerRecordDomain
  /** `peerRecordCodec`, where js-libp2p has it. */
  static readonly CODEC: Uint8Array = peerRecordCodec

  /** Whom it is about. */
  readonly peerId: PeerId
  /** Where the peer listens. */
  readonly multiaddrs: Multiaddr[]
  /** Of two records the one with the higher number counts. */
  readonly seqNumber: bigint
  /** What `RecordEnvelope.seal` signs it for. */
  readonly domain: string = peerRecordDomain
  /** What `RecordEnvelope.seal` names as its type. */
  readonly codec: Uint8Array = peerRecordCodec
  #bytes: Uint8Array | undefined
  #unreadable = 0

  /** Throws `InvalidParametersError` for more than 64 addresses. */
  constructor({ peerId, multiaddrs = [], seqNumber = nextSeqNumber() }: PeerRecordInit) {
    if (multiaddrs.length > maxAddresses) {
      throw new InvalidParametersError(`a peer record has at most ${maxAddresses} addresses`)
    }
    this.peerId = peerId
    this.multiaddrs = multiaddrs
    this.seqNumber = seqNumber
  }

  /**
   * Reads a record. Addresses that this node does not understand are left out: they may be of a newer protocol. Throws
   * `InvalidMessageError`.
   */
  static createFromProtobuf(data: Uint8Array | Uint8ArrayList): PeerRecord {
    let message: PeerRecordMessage
    let peerId: PeerId
    try {
      message = peerRecordMessage.decode(data.subarray(), { maxSize: maxEnvelopeLength })
      peerId = peerIdFromMultihashBytes(message.peerId)
    } catch (cause) {
      throw new InvalidMessageError('bytes are no peer record', { cause })
    }
    const multiaddrs = message.addresses.flatMap(address => readAddress(address.multiaddr))
    const record = new PeerRecord({ peerId, multiaddrs, seqNumber: message.seq })
    record.#unreadable = message.addresses.length - multiaddrs.length
    return record
  }

  /** Addresses that were left out of a record that was read, as this node does not understand them. */
  get unreadable(): number {
    return this.#unreadable
  }

  /** The bytes that are signed, made once. */
  marshal(): Uint8Array {
    this.#bytes ??= peerRecordMessage.encode({
      peerId: this.peerId.toMultihash().bytes,
      seq: this.seqNumber,
      addresses: this.multiaddrs.map(address => ({ multiaddr: address.bytes }))
    })
    return this.#bytes
  }

  /** By the bytes that are signed, whoever made the other. */
  equals(other?: unknown): boolean {
    const { domain, marshal } = (other ?? {}) as Partial<PeerRecord>
    if (domain !== this.domain || typeof marshal !== 'function') return false
    return equals(this.marshal(), (other as PeerRecord).marshal())
  }
}

let lastSeqNumber = 0n

/** Two records that are made in one millisecond say which of them is newer (RFC 0003). */
function nextSeqNumber(): bigint {
  const now = BigInt(Date.now())
  lastSeqNumber = now > lastSeqNumber ? now : lastSeqNumber + 1n
  return lastSeqNumber
}

function readAddress(bytes: Uint8Array): Multiaddr[] {
  try {
    return [multiaddr(bytes)]
  } catch {
    return []
  }
}
