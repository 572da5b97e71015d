import { WeftError } from '@weft/errors'

/** What a test did wrong with the kit. */
export type TestkitErrorCode =
  | 'ERR_CLOCK_BACKWARDS'
  | 'ERR_CLOCK_RUNAWAY'
  | 'ERR_LOG_FULL'
  | 'ERR_OPTION'
  | 'ERR_NAME_TAKEN'
  | 'ERR_CLOSED'
  | 'ERR_GLOBALS_TAKEN'

/** The kit was misused, or what it runs does not come to rest: a mistake of the test or of what it tests. */
export class TestkitError extends WeftError {
  constructor(code: TestkitErrorCode, message: string) {
    super('TestkitError', code, message)
  }
}
