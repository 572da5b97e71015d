import { ConnectionFailedError } from '@weft/errors'

/**
 * A system error as `ConnectionFailedError`: `reason` is the system's code (`ECONNREFUSED`, `ETIMEDOUT`, ...),
 * `address` what was connected to, `cause` the original.
 */
export function connectionFailed(address: string, cause: Error): ConnectionFailedError {
  const reason = (cause as { code?: string }).code
  return new ConnectionFailedError(`the connection to ${address} failed: ${reason ?? cause.message}`, {
    cause,
    facts: { address, reason }
  })
}
