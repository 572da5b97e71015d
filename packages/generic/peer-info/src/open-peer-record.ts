import type { AbortOptions, PeerId } from '@libp2p/interface'
import { equals } from '@weft/bytes'
import { InvalidMessageError, UnexpectedPeerError } from '@weft/errors'
import { peerIdFromPublicKey } from '@weft/peer-id'
import type { Uint8ArrayList } from 'uint8arraylist'
import { InvalidSignatureError } from './errors.ts'
import { PeerRecord, peerRecordCodec, peerRecordDomain } from './peer-record.ts'
import { RecordEnvelope } from './record-envelope.ts'

/** What `openPeerRecord` checks besides. */
export interface OpenPeerRecordOptions extends AbortOptions {
  /** Whose record it must be, for example of the peer that sent it. Default: anyone's. */
  expectedPeer?: PeerId
}

/** A peer record that its peer has signed. */
export interface SignedPeerRecord {
  /** What was signed, and the signature. */
  envelope: RecordEnvelope
  /** What it says. */
  record: PeerRecord
  /** The record's peer, with the public key that signed. */
  peerId: PeerId
}

/**
 * Reads the envelope of a peer record and checks that the record's peer has signed it: anyone can sign a record of
 * someone else.
 *
 * @throws InvalidSignatureError, UnexpectedPeerError, InvalidMessageError, InvalidPublicKeyError, UnsupportedKeyTypeError
 */
export async function openPeerRecord(
  data: Uint8Array | Uint8ArrayList,
  options: OpenPeerRecordOptions = {}
): Promise<SignedPeerRecord> {
  const envelope = RecordEnvelope.createFromProtobuf(data)
  const peerId = peerIdFromPublicKey(envelope.publicKey)
  // The cheap checks come first: a signature is verified only where it can matter.
  if (options.expectedPeer?.equals(peerId) === false) {
    throw new UnexpectedPeerError('the envelope is signed by another peer', {
      facts: { expected: options.expectedPeer.toString(), actual: peerId.toString() }
    })
  }
  if (!equals(envelope.payloadType, peerRecordCodec)) throw new InvalidMessageError('the payload is no peer record')
  // RFC 0002: what is not proved is not deserialized.
  if (!(await envelope.validate(peerRecordDomain, options))) {
    throw new InvalidSignatureError('ERR_INVALID_SIGNATURE', 'the signature is not valid for a peer record')
  }
  const record = PeerRecord.createFromProtobuf(envelope.payload)
  if (!record.peerId.equals(peerId)) {
    throw new InvalidSignatureError(
      'ERR_ENVELOPE_KEY_MISMATCH',
      'the envelope is not signed by the peer of its record',
      {
        facts: { signer: peerId.toString(), subject: record.peerId.toString() }
      }
    )
  }
  return { envelope, record, peerId }
}
