/**
 * Messages of the handshake. The first byte says which one the rest stands for: a proposal or an exchange reads back as it
 * was read, and a handshake with it is refused, or agrees on what weft has.
 */
import { equals } from '@weft/bytes'
import { offer } from '../../packages/crypto/secio/src/core/agreement.ts'
import { Handshake } from '../../packages/crypto/secio/src/core/handshake.ts'
import {
  decodeExchange,
  decodePropose,
  encodeExchange,
  encodePropose
} from '../../packages/crypto/secio/src/core/messages.ts'
import { nodeCrypto } from '../../packages/crypto/secio/src/crypto.node.ts'

export const name = 'secio-messages'

const [honest, other] = [1, 2].map(byte => new Uint8Array(16).fill(byte)) as [Uint8Array, Uint8Array]
// One pair of keys for all inputs: a fresh one each time would be chance.
const ephemeral = Object.fromEntries(offer.exchanges.map(curve => [curve, nodeCrypto.makeEphemeral(curve)]))
const crypto = { ...nodeCrypto, makeEphemeral: (curve: string) => ephemeral[curve]! }

export function fuzz(input: Uint8Array): void {
  const message = input.subarray(1)
  try {
    if ((input[0] ?? 0) % 2 === 0) propose(message)
    else exchange(message)
  } catch (error) {
    if ((error as Error).name !== 'InvalidCryptoExchangeError') throw error
  }
}

function begin(): Handshake {
  return new Handshake({ crypto, publicKey: Uint8Array.of(7), nonce: honest })
}

function propose(message: Uint8Array): void {
  const written = encodePropose(decodePropose(message))
  if (!equals(encodePropose(decodePropose(written)), written)) throw new Error('a proposal was not read back')
  const handshake = begin()
  if (!equals(handshake.readPropose(message), decodePropose(message).pubkey)) throw new Error('another key was read')
  if (!equals(handshake.remoteNonce, decodePropose(message).rand)) throw new Error('another nonce is repeated')
}

function exchange(message: Uint8Array): void {
  const written = encodeExchange(decodeExchange(message))
  if (!equals(encodeExchange(decodeExchange(written)), written)) throw new Error('an exchange was not read back')
  const handshake = begin()
  handshake.readPropose(new Handshake({ crypto: nodeCrypto, publicKey: Uint8Array.of(8), nonce: other }).propose)
  handshake.readExchange(message)
  const { sealer, opener } = handshake.split()
  // The remote has the other half of the keys: what this side seals is nothing that it opens.
  try {
    opener.open(sealer.seal(honest).subarray(4))
  } catch (error) {
    if ((error as Error).name === 'SecioError') return
    throw error
  }
  throw new Error('both directions have the same keys')
}
