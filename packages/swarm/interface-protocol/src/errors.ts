import { WeftError } from '@weft/errors'

/** The stream ended before everything that was expected had arrived. */
export class UnexpectedEOFError extends WeftError {
  /** Bytes that arrived. */
  declare readonly received: number
  /** Bytes that were expected; `undefined` where the length was not known yet. */
  declare readonly expected: number | undefined

  constructor(received: number, expected?: number) {
    const of = expected === undefined ? '' : ` of ${expected}`
    super('UnexpectedEOFError', 'ERR_UNEXPECTED_EOF', `the stream ended after ${received}${of} bytes`, {
      facts: { received, expected }
    })
  }
}
