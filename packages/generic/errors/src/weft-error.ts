/** What an error carries beside its message. */
export interface WeftErrorOptions {
  /** What led to it. */
  cause?: unknown
  /** Own fields of the error: the numbers and names that a program needs and a message only tells. */
  facts?: Readonly<Record<string, unknown>>
}

/**
 * The base of every error that weft throws. Programs recognise an error by `name` (js-libp2p's where it has one) and
 * `code`, never by `instanceof`, so that two copies of a package in one process do not disagree.
 */
export class WeftError extends Error {
  /** Stable, upper-case, `ERR_` first. One name may have several codes. */
  readonly code: string

  constructor(name: string, code: string, message: string, options: WeftErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = name
    this.code = code
    if (options.facts !== undefined) Object.assign(this, options.facts)
  }
}
