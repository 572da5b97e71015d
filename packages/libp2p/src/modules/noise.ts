// Written by scripts/facade-manifest.mjs.
export type {
  ICryptoInterface,
  KeyPair,
  NoiseComponents,
  NoiseErrorCode,
  NoiseExtensions,
  NoiseInit
} from '@weft/noise'
export { NoiseError, noise, pureJsCrypto } from '@weft/noise'
