import { type ErrorGuard, guardOf, WeftError } from '@weft/errors'
import { oneLine } from './terminal/text.ts'

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

/** What to do about an error, by its name or system code. */
const advice = new Map([
  ['ECONNREFUSED', 'nothing listens there: check the address, and that the node runs'],
  ['EHOSTUNREACH', 'no way leads to that host: check the address and the network'],
  ['ENETUNREACH', 'no way leads to that network: check the address and the network'],
  ['ENOTFOUND', 'the name has no address: check its spelling'],
  ['EADDRINUSE', 'another program has that port: choose another with --listen'],
  ['EADDRNOTAVAIL', 'this machine has no such address: choose another with --listen'],
  ['EACCES', 'this user may not do that: choose another port or folder, or change the rights'],
  ['EROFS', 'the file system is read-only: choose another folder with --dir'],
  ['ENOSPC', 'the disk is full: make room, or choose another folder with --dir'],
  ['TimeoutError', 'no answer came in time: check the address, and that no firewall is in between'],
  ['UnexpectedPeerError', 'another peer answers there: check the peer id at the end of the address'],
  ['UnsupportedProtocolError', 'the peer does not speak that protocol'],
  ['TransportUnavailableError', 'use an address with /tcp'],
  ['NoValidAddressesError', 'use an address with /tcp']
])

/** An error in one line: what happened, and where it is known what to do. */
export function describe(error: unknown): string {
  const known = causes(error).map(({ name, code }) => advice.get(code ?? '') ?? advice.get(name))
  const hint = known.findLast(text => text !== undefined)
  const message = error instanceof Error ? error.message || error.name : String(error)
  return oneLine(hint === undefined ? message : `${message} (${hint})`)
}

type Cause = Error & { code?: string }

/** An error and what led to it, at most ten. */
function causes(error: unknown): Cause[] {
  const found: Cause[] = []
  for (let next = error; next instanceof Error && found.length < 10; next = next.cause) found.push(next)
  return found
}
