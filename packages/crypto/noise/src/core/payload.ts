/** The payload of the second and third handshake message (noise-libp2p, "The libp2p Handshake Payload"). */
import { concat, fromUtf8 } from '@weft/bytes'
import { InvalidCryptoExchangeError } from '@weft/errors'
import { bytes, field, type MessageCodec, message, repeated, required, string } from '@weft/protobuf'

/** The extensions, sent with the identity. */
interface NoiseExtensions {
  /** Multihashes of WebTransport certificates. */
  webtransportCerthashes: Uint8Array[]
  /** Muxers that a side supports, the most preferred first. */
  streamMuxers: string[]
}

/** The claimed identity, with the extensions. */
export interface NoisePayload {
  /** The public key in its protobuf form. */
  identityKey: Uint8Array
  /** Its signature of `signedBytes` over the static key. */
  identitySig: Uint8Array
  extensions?: NoiseExtensions
}

// Four times what an RSA key of 8,192 bits and its signature take.
const maxKeyLength = 4096
// Far above what nodes offer (two certificates, two muxers), and still cheap.
const maxItems = 64
const maxItemLength = 256

const extensionsCodec: MessageCodec<NoiseExtensions> = message<NoiseExtensions>({
  webtransportCerthashes: field(1, repeated(bytes({ maxLength: maxItemLength }), maxItems)),
  streamMuxers: field(2, repeated(string({ maxLength: maxItemLength }), maxItems))
})

const payloadCodec: MessageCodec<NoisePayload> = message<NoisePayload>({
  identityKey: field(1, required(bytes({ maxLength: maxKeyLength }))),
  identitySig: field(2, required(bytes({ maxLength: maxKeyLength }))),
  extensions: field(4, extensionsCodec)
})

const signaturePrefix: Uint8Array = fromUtf8('noise-libp2p-static-key:')

/** The bytes that the identity key signs: they bind the static key to the identity. */
export function signedBytes(staticKey: Uint8Array): Uint8Array {
  return concat([signaturePrefix, staticKey])
}

/** @throws ProtobufError if the extensions exceed their limits: 64 items of 256 bytes. */
export function encodePayload(payload: NoisePayload): Uint8Array {
  return payloadCodec.encode(payload)
}

/** @throws InvalidCryptoExchangeError */
export function decodePayload(encoded: Uint8Array): NoisePayload {
  try {
    return payloadCodec.decode(encoded)
  } catch (cause) {
    throw new InvalidCryptoExchangeError('noise: the handshake payload cannot be read', { cause })
  }
}
