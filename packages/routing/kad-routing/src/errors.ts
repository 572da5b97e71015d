import { WeftError, type WeftErrorOptions } from '@weft/errors'

/** Why a lookup could not find anything. */
export type EmptyLookupCode =
  /** No peer that serves this protocol is known. */
  | 'ERR_TABLE_EMPTY'
  /** Peers are known, and all their addresses are of a kind that this DHT does not use. */
  | 'ERR_ONLY_PRIVATE_ADDRESSES'
  /** Nobody who was asked answered. */
  | 'ERR_NOBODY_ANSWERED'
  /** This node is not started. */
  | 'ERR_NOT_STARTED'

/** A lookup ended without an answer, and why. */
export class EmptyLookupError extends WeftError {
  declare readonly code: EmptyLookupCode

  constructor(code: EmptyLookupCode, message: string, options?: WeftErrorOptions) {
    super('EmptyLookupError', code, message, options)
  }
}

/** Whether an error says that a lookup could ask nobody, from whichever copy of this package it is. */
export function isEmptyLookupError(error: unknown): error is EmptyLookupError {
  return error instanceof Error && error.name === 'EmptyLookupError'
}

/** A peer answered something else than what it was asked. */
export class UnexpectedAnswerError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('UnexpectedAnswerError', 'ERR_UNEXPECTED_ANSWER', message, options)
  }
}

/** A request that is not answered: the stream is reset. */
export class RefusedRequestError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('RefusedRequestError', 'ERR_REFUSED_REQUEST', message, options)
  }
}

/** Fewer peers took a provider record than were to. */
export class ProvideError extends WeftError {
  constructor(message: string, options?: WeftErrorOptions) {
    super('ProvideError', 'ERR_PROVIDE', message, options)
  }
}
