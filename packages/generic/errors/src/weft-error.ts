/** Properties of an error besides its message. */
export interface WeftErrorOptions {
  /** The underlying error. */
  cause?: unknown
  /** Own fields of the error: numbers and names for programs, which need not parse the message. */
  facts?: Readonly<Record<string, unknown>>
}

/**
 * The base of every error that weft throws. Programs recognise an error by `name` (js-libp2p's where it has one) and
 * `code`, never by `instanceof`, so that several copies of a package can be used in one process.
 */
export class WeftError extends Error {
  /** Stable, upper-case, with the prefix `ERR_`. One name may have several codes. */
  readonly code: string

  constructor(name: string, code: string, message: string, options: WeftErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = name
    this.code = code
    if (options.facts !== undefined) Object.assign(this, options.facts)
  }
}
