import { type ErrorGuard, guardOf, WeftError } from '@weft/errors'

/** The command line is not as it must be: exit code 2. */
export class UsageError extends WeftError {
  constructor(message: string, cause?: unknown) {
    super('UsageError', 'ERR_USAGE', message, cause === undefined ? {} : { cause })
  }
}

/** Whether the command line was wrong. */
export const isUsageError: ErrorGuard = guardOf('UsageError')

/** Something that this command found, with what to do: exit code 1. */
export class CommandError extends WeftError {
  constructor(message: string, cause?: unknown) {
    super('CommandError', 'ERR_COMMAND', message, cause === undefined ? {} : { cause })
  }
}
