import { WeftError, type WeftErrorOptions } from '@weft/errors'
import type { PutOutcome } from './record-store.ts'

/** Why a record may not stand under a key. */
export type InvalidRecordErrorCode =
  /** The key has not the form `/namespace/...`, or not the form that its namespace asks for. */
  | 'ERR_INVALID_RECORD_KEY'
  /** Nobody here can say whether it is valid. */
  | 'ERR_UNKNOWN_NAMESPACE'
  /** It names rules of validity (IPRS) that are not known here. */
  | 'ERR_UNKNOWN_SCHEME'
  /** The bytes, the signature or the content are wrong. */
  | 'ERR_INVALID_RECORD'
  /** It was valid, and its time is over. */
  | 'ERR_RECORD_EXPIRED'
  /** It has more bytes than the store or the namespace takes. */
  | 'ERR_RECORD_TOO_LARGE'

/** A record may not stand under its key. */
export class InvalidRecordError extends WeftError {
  declare readonly code: InvalidRecordErrorCode

  constructor(code: InvalidRecordErrorCode, message: string, options?: WeftErrorOptions) {
    super('InvalidRecordError', code, message, options)
  }
}

/** Fewer places stored a record than were asked for. */
export class QuorumError extends WeftError {
  /** What each place that was asked did. */
  declare readonly outcomes: readonly PutOutcome[]
  /** Places that had to store it. */
  declare readonly quorum: number

  constructor(quorum: number, outcomes: readonly PutOutcome[], options: WeftErrorOptions = {}) {
    const stored = outcomes.filter(({ status }) => status === 'stored').length
    const failed = outcomes.flatMap(outcome => (outcome.status === 'failed' ? [outcome.error] : []))
    super('QuorumError', 'ERR_QUORUM', `${stored} of ${quorum} places stored the record: ${summary(outcomes)}`, {
      cause: failed.length > 1 ? new AggregateError(failed) : failed[0],
      ...options,
      facts: { outcomes, quorum, ...options.facts }
    })
  }
}

/** At most this many places are named in a message: it is read by people. */
const maxNamed = 5

function summary(outcomes: readonly PutOutcome[]): string {
  if (outcomes.length === 0) return 'none was there to ask'
  const named = outcomes.slice(0, maxNamed).map(outcome => {
    const reason = outcome.status === 'failed' ? ` (${outcome.error.message})` : ''
    return `${outcome.to.store} ${outcome.status}${reason}`
  })
  const more = outcomes.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

/** Whether an error says that a record may not stand under its key, from whichever copy of this package it is. */
export function isInvalidRecordError(error: unknown): error is InvalidRecordError {
  return error instanceof Error && error.name === 'InvalidRecordError'
}

/** Whether an error has the `outcomes` of a put that missed its quorum. */
export function isQuorumError(error: unknown): error is QuorumError {
  return error instanceof Error && error.name === 'QuorumError'
}
