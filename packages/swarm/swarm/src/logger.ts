/**
 * The default logger: `weald`, under js-libp2p's names, so `DEBUG=libp2p:*` shows what a user expects. Beside `printf`'s,
 * these formats are known: %p peer id, %a multiaddr, %c CID, %k datastore key, %e error with causes; of bytes %b base58btc,
 * %t base32, %m base64. Traces (`<name>:trace`) are shown only where the pattern asks for them by name.
 */
import type { ComponentLogger, Logger } from '@libp2p/interface'
import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import { base64 } from 'multiformats/bases/base64'
import debug, { type Debugger } from 'weald'

// Names come from code, not from peers; a program that makes them up all the same pays for a new logger each time.
const maxKeptLoggers = 1024
// Deep enough for every real chain; a cycle ends here too.
const maxErrorDepth = 8

/** A logger for each component, made when it is first asked for. */
export function defaultLogger(): ComponentLogger {
  addFormatters()
  const kept = new Map<string, Logger>()
  return {
    forComponent(name) {
      let logger = kept.get(name)
      if (logger === undefined) {
        logger = lazyLogger(name)
        if (kept.size < maxKeptLoggers) kept.set(name, logger)
      }
      return logger
    }
  }
}

/** `weald` makes its part only when something is logged or asked for. */
function lazyLogger(name: string): Logger {
  let plain: Debugger | undefined
  let error: Debugger | undefined
  let trace: Debugger | undefined
  const log = (format: unknown, ...args: unknown[]): void => (plain ??= debug(name))(format, ...args)
  return Object.defineProperties(log, {
    enabled: { get: () => debug.enabled(name), enumerable: true },
    error: { value: (format: unknown, ...args: unknown[]) => (error ??= debug(`${name}:error`))(format, ...args) },
    trace: {
      value: (format: unknown, ...args: unknown[]) => {
        if (!debug.names.some(pattern => pattern.source.includes(':trace'))) return
        ;(trace ??= debug(`${name}:trace`))(format, ...args)
      }
    },
    newScope: { value: (scope: string) => lazyLogger(`${name}:${scope}`) }
  }) as unknown as Logger
}

function addFormatters(): void {
  const text = (value: unknown): string => String(value)
  const orUndefined = (encode: (bytes: Uint8Array) => string) => (bytes?: Uint8Array) =>
    bytes === undefined ? 'undefined' : encode(bytes)
  Object.assign(debug.formatters, {
    p: text,
    a: text,
    c: text,
    k: text,
    b: orUndefined(bytes => base58btc.baseEncode(bytes)),
    t: orUndefined(bytes => base32.baseEncode(bytes)),
    m: orUndefined(bytes => base64.baseEncode(bytes)),
    e: (error: unknown) => describeError(error)
  })
}

/** Stack or message of an error, with those of its causes and parts below it. */
export function describeError(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return String(error)
  const { message, stack = '' } = error
  // Firefox's stacks do not hold the message.
  const own = stack.includes(message) && stack.trim() !== '' ? stack : `${error.name}: ${message}\n${stack}`.trim()
  if (depth >= maxErrorDepth) return own
  const parts: unknown[] = 'errors' in error && Array.isArray(error.errors) ? [...error.errors] : []
  if (error.cause !== undefined) parts.push(error.cause)
  return [own, ...parts.map(part => indent(describeError(part, depth + 1)))].join('\n')
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}
