/** The two messages of the handshake that are not encrypted. */
import { InvalidCryptoExchangeError } from '@weft/errors'
import { bytes, field, type MessageCodec, message, required, string } from '@weft/protobuf'

/** What each side proposes. */
export interface Propose {
  /** 16 random bytes. */
  rand: Uint8Array
  /** The identity key in its protobuf form. */
  pubkey: Uint8Array
  /** Curves, the preferred one first, with commas between them; ciphers and hashes likewise. */
  exchanges: string
  ciphers: string
  hashes: string
}

/** What proves the identity, and agrees on a key. */
export interface Exchange {
  /** The ephemeral key, as an uncompressed point. */
  epubkey: Uint8Array
  /** The identity's signature over both proposals and the ephemeral key. */
  signature: Uint8Array
}

/** Bytes in the largest message that is read before the remote has proved who it is. */
export const maxHandshakeLength: number = 1024 * 1024
/** Bytes of `rand`. */
export const nonceLength = 16

const propose: MessageCodec<Propose> = message<Propose>({
  rand: field(1, required(bytes())),
  pubkey: field(2, required(bytes())),
  exchanges: field(3, required(string())),
  ciphers: field(4, required(string())),
  hashes: field(5, required(string()))
})

const exchange: MessageCodec<Exchange> = message<Exchange>({
  epubkey: field(1, required(bytes())),
  signature: field(2, required(bytes()))
})

export function encodePropose(value: Propose): Uint8Array {
  return propose.encode(value)
}

export function encodeExchange(value: Exchange): Uint8Array {
  return exchange.encode(value)
}

/** Throws `InvalidCryptoExchangeError`. */
export function decodePropose(encoded: Uint8Array): Propose {
  return decode(propose, 'proposal', encoded)
}

/** Throws `InvalidCryptoExchangeError`. */
export function decodeExchange(encoded: Uint8Array): Exchange {
  return decode(exchange, 'exchange', encoded)
}

function decode<T>(codec: MessageCodec<T>, what: string, encoded: Uint8Array): T {
  try {
    return codec.decode(encoded, { maxSize: maxHandshakeLength })
  } catch (cause) {
    throw new InvalidCryptoExchangeError(`secio: the ${what} cannot be read`, { cause })
  }
}
