/** The bytes of a signed envelope (libp2p RFC 0002). */
import { concat, encodeLengthPrefixed, fromUtf8 } from '@weft/bytes'
import { bytes, field, implicit, type MessageCodec, message } from '@weft/protobuf'

export interface EnvelopeMessage {
  /** Protobuf of the public key that signed. */
  publicKey: Uint8Array
  payloadType: Uint8Array
  payload: Uint8Array
  signature: Uint8Array
}

/** The largest RSA key that is accepted has about 1,060 bytes, its signature 1,024. */
const maxKeyLength = 1200
const maxSignatureLength = 1024
/** A multicodec; the longest has 9 bytes. */
const maxTypeLength = 64

export const envelopeMessage: MessageCodec<EnvelopeMessage> = message<EnvelopeMessage>({
  publicKey: field(1, implicit(bytes({ maxLength: maxKeyLength }))),
  payloadType: field(2, implicit(bytes({ maxLength: maxTypeLength }))),
  payload: field(3, implicit(bytes())),
  signature: field(5, implicit(bytes({ maxLength: maxSignatureLength })))
})

/**
 * What is signed (RFC 0002, "Signature Production / Verification"): domain, type and payload, each behind its length,
 * so that no byte of one can be taken for one of another.
 */
export function signedBytes(domain: string, payloadType: Uint8Array, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([
    encodeLengthPrefixed(fromUtf8(domain)),
    encodeLengthPrefixed(payloadType),
    encodeLengthPrefixed(payload)
  ])
}
