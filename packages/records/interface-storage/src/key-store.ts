import type { AbortOptions, PrivateKey } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'

/**
 * Keeps private keys under names, encrypted where they lie. A repository's key store and the node's keychain both have
 * this shape.
 */
export interface KeyStore {
  /** The names of all keys, in no particular order. */
  list(options?: AbortOptions): Promise<string[]>
  /** Whether there is a key of that name. */
  has(name: string, options?: AbortOptions): Promise<boolean>
  /** Rejects with `NotFoundError` where there is no such key. */
  get(name: string, options?: AbortOptions): Promise<PrivateKey>
  /** Rejects with `KeyExistsError` where the name is taken: a key is never overwritten. */
  put(name: string, key: PrivateKey, options?: AbortOptions): Promise<void>
  /** Resolves also where there is no such key. */
  delete(name: string, options?: AbortOptions): Promise<void>
}

/** Longest name of a key, in UTF-16 units: as a file name in base 32 it still fits 255 bytes. */
export const maxKeyNameLength = 128

/**
 * Throws `InvalidParametersError` unless `name` is 1 to 128 visible ASCII characters without a slash, and neither `.` nor
 * `..`: a name may become that of a file.
 */
export function checkKeyName(name: string): void {
  const valid =
    typeof name === 'string' &&
    name.length <= maxKeyNameLength &&
    /^[\x21-\x7e]+$/.test(name) &&
    !/[/\\]/.test(name) &&
    name !== '.' &&
    name !== '..'
  if (valid) return
  throw new InvalidParametersError(
    `the name of a key is 1 to ${maxKeyNameLength} visible ASCII characters without slashes`
  )
}
