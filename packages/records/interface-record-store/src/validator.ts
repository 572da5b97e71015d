/** Validators of records, by the namespace of their key: `/pk/...`, `/ipns/...`, and those of applications. */
import type { AbortOptions } from '@libp2p/interface'
import { InvalidRecordError } from './errors.ts'

/** The rules of one namespace (libp2p/specs, kad-dht, "Entry validation"). */
export interface Validator {
  /** Returns, or resolves, when the record may stand under this key now. Throws `InvalidRecordError`. */
  validate(key: Uint8Array, record: Uint8Array, options?: AbortOptions): void | Promise<void>
  /**
   * The index of the best of at least one record, all of them valid. Of equally good ones it is the first. The order
   * must not depend on the order of the list otherwise, or stores never agree.
   */
  select(key: Uint8Array, records: readonly Uint8Array[]): number
}

/** Validators by the name between the first two slashes of a key. */
export type Validators = Readonly<Record<string, Validator>>

/** Longest namespace, bytes: real ones have at most ten. Bounds what is decoded of a remote's key. */
export const maxNamespaceLength = 64

const slash = 0x2f
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The `name` of a key `/name/...`, or undefined where the key has not that form. */
export function namespaceOf(key: Uint8Array): string | undefined {
  if (key[0] !== slash) return undefined
  const end = key.subarray(0, maxNamespaceLength + 2).indexOf(slash, 1)
  if (end < 2) return undefined
  try {
    return decoder.decode(key.subarray(1, end))
  } catch {
    return undefined
  }
}

/** The validator for a key. Throws `InvalidRecordError` where the key names no namespace of the table. */
export function validatorFor(validators: Validators, key: Uint8Array): Validator {
  const namespace = namespaceOf(key)
  if (namespace === undefined) {
    throw new InvalidRecordError('ERR_INVALID_RECORD_KEY', 'a key of a record has the form /namespace/...')
  }
  const validator = Object.hasOwn(validators, namespace) ? validators[namespace] : undefined
  if (validator !== undefined) return validator
  throw new InvalidRecordError('ERR_UNKNOWN_NAMESPACE', `there is no validator for /${namespace}/`)
}

/** Whether the validator accepts the record now. Throws the signal's reason once that has fired. */
export async function isValidRecord(
  validator: Validator,
  key: Uint8Array,
  record: Uint8Array,
  options?: AbortOptions
): Promise<boolean> {
  try {
    await validator.validate(key, record, options)
    return true
  } catch {
    // Whatever is thrown is a no: validators of other packages have errors of their own names.
    options?.signal?.throwIfAborted()
    return false
  }
}

/** Whether `candidate` is better than `held` or the same: what a store does before it replaces one. */
export function isPreferred(validator: Validator, key: Uint8Array, candidate: Uint8Array, held: Uint8Array): boolean {
  return validator.select(key, [candidate, held]) === 0
}
