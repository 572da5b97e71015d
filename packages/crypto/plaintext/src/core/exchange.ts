import { InvalidCryptoExchangeError } from '@weft/errors'
import { bytes, field, type MessageCodec, message, required } from '@weft/protobuf'

/** The message of each side. */
export interface Exchange {
  /** The peer id as a multihash. */
  id: Uint8Array
  /** The public key in its protobuf form: a message of its own, taken as bytes. */
  pubkey: Uint8Array
}

/** Bytes in the largest exchange that is read. One with an RSA key of 8,192 bits has 1.1 KiB. */
export const maxExchangeLength = 8192

const codec: MessageCodec<Exchange> = message<Exchange>({
  id: field(1, required(bytes())),
  pubkey: field(2, required(bytes()))
})

export function encodeExchange(exchange: Exchange): Uint8Array {
  return codec.encode(exchange)
}

/** @throws InvalidCryptoExchangeError */
export function decodeExchange(encoded: Uint8Array): Exchange {
  try {
    return codec.decode(encoded, { maxSize: maxExchangeLength })
  } catch (cause) {
    throw new InvalidCryptoExchangeError('plaintext: the exchange cannot be read', { cause })
  }
}
