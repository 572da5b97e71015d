import { WeftError } from '@weft/errors'

/** The remote ended before it had sent everything back. `received` and `expected` are bytes. */
export class UnexpectedEOFError extends WeftError {
  /** Bytes that came back. */
  declare readonly received: number
  /** Bytes that were sent. */
  declare readonly expected: number

  constructor(received: number, expected: number) {
    super('UnexpectedEOFError', 'ERR_UNEXPECTED_EOF', `the remote sent ${received} of ${expected} bytes back`, {
      facts: { received, expected }
    })
  }
}
