import { anObject, group, InvalidParametersError, listOf, type OptionTable, secretBytes } from '@weft/errors'
import { keyLength } from './core/constants.ts'
import type { DhKeyPair, NoiseCrypto } from './core/crypto.ts'
import { defaultCrypto } from '#crypto'
import type { ICryptoInterface } from './crypto-interface.ts'
import { foreignCrypto } from './foreign-crypto.ts'

/** Extensions that `noise()` sends to remotes, in addition to identity and muxers. */
export interface NoiseExtensions {
  /** Multihashes of WebTransport certificates: at most 64, of at most 256 bytes. */
  webtransportCerthashes: Uint8Array[]
}

/** Options of `noise()`, with the names of js-libp2p's. */
export interface NoiseInit {
  /** The static X25519 private key, 32 bytes. @default a new one, which need not be stored */
  staticNoiseKey?: Uint8Array
  /** @default none */
  extensions?: Partial<NoiseExtensions>
  /** An implementation of the primitives. @default `node:crypto` on Node, JavaScript in browsers */
  crypto?: ICryptoInterface
  /** The prologue: bytes that must be equal on both sides for the handshake to succeed. @default none */
  prologueBytes?: Uint8Array
}

/** Checked options with their defaults. */
export interface NoiseSettings {
  readonly crypto: NoiseCrypto
  readonly staticKey: DhKeyPair
  readonly prologue: Uint8Array
  readonly certhashes: Uint8Array[]
}

/** Rules for the options of `noise()`. */
export const noiseOptions: OptionTable<NoiseInit> = {
  staticNoiseKey: secretBytes,
  extensions: group({ webtransportCerthashes: listOf(secretBytes) }),
  crypto: anObject,
  prologueBytes: secretBytes
}

/** Validates options and applies defaults. Throws `InvalidParametersError`. */
export function settingsOf({ staticNoiseKey, extensions, crypto, prologueBytes }: NoiseInit): NoiseSettings {
  if (staticNoiseKey !== undefined && staticNoiseKey.byteLength !== keyLength) {
    throw new InvalidParametersError(`noise: staticNoiseKey has ${staticNoiseKey.byteLength} bytes, not ${keyLength}`)
  }
  const certhashes = extensions?.webtransportCerthashes ?? []
  if (certhashes.length > 64 || certhashes.some(hash => hash.byteLength > 256)) {
    throw new InvalidParametersError('noise: extensions.webtransportCerthashes takes 64 hashes of 256 bytes at most')
  }
  const used = crypto === undefined ? defaultCrypto : foreignCrypto(crypto)
  return {
    crypto: used,
    staticKey: staticNoiseKey === undefined ? used.generateKeyPair() : used.keyPairOf(staticNoiseKey),
    prologue: prologueBytes ?? new Uint8Array(0),
    certhashes
  }
}
