import { type ErrorGuard, guardOf, WeftError } from '@weft/errors'

/** A block is not what its CID names, or does not decode by its codec. */
export class InvalidBlockError extends WeftError {
  constructor(cid: string, what: string, options: { cause?: unknown } = {}) {
    super('InvalidBlockError', 'ERR_INVALID_BLOCK', `block ${cid}: ${what}`, { ...options, facts: { cid } })
  }
}

/** Whether a block was not what its CID names, or did not decode. */
export const isInvalidBlockError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidBlockError')

/** A path leads nowhere: `path` is the part that was not found, `at` the block in which it was looked for. */
export class PathNotFoundError extends WeftError {
  constructor(path: string, at: string) {
    super('PathNotFoundError', 'ERR_PATH_NOT_FOUND', `there is no "${path}" in block ${at}`, { facts: { path, at } })
  }
}

/** Whether a path led nowhere. */
export const isPathNotFoundError: ErrorGuard = /* @__PURE__ */ guardOf('PathNotFoundError')

/** What was read is more than a limit allows. `limit` is the option's name. */
export class LimitExceededError extends WeftError {
  constructor(limit: string, most: number) {
    super('LimitExceededError', 'ERR_LIMIT_EXCEEDED', `more than ${most} (${limit})`, { facts: { limit, most } })
  }
}

/** Whether a limit ended a resolution, a traversal or an import. */
export const isLimitExceededError: ErrorGuard = /* @__PURE__ */ guardOf('LimitExceededError')

/** The bytes are no CAR file. */
export class InvalidCarError extends WeftError {
  constructor(what: string, options: { cause?: unknown } = {}) {
    super('InvalidCarError', 'ERR_INVALID_CAR', `no CAR file: ${what}`, options)
  }
}

/** Whether bytes were no CAR file. */
export const isInvalidCarError: ErrorGuard = /* @__PURE__ */ guardOf('InvalidCarError')
