/** Noise XX, `/noise`: encryption between mutually authenticated peers. */
export { type ICryptoInterface, type KeyPair, pureJsCrypto } from './crypto-interface.ts'
export { NoiseError, type NoiseErrorCode } from './errors.ts'
export { noise, type NoiseComponents } from './noise.ts'
export type { NoiseExtensions, NoiseInit } from './options.ts'
