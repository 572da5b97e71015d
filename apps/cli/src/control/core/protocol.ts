/**
 * The language of the control socket: one line of JSON asks, one or more lines of JSON answer. An answer is any number of
 * `{"item":...}` and then one `{"end":...}` or `{"error":...}`.
 */
import { WeftError } from '@weft/errors'
import { maxLineLength, maxTargets } from './limits.ts'

/** What a client may ask. */
export type Request =
  | { readonly command: 'dials' | 'connections' | 'peers' | 'limits' }
  /** Dials one peer: its id, its addresses, or both. With `trace` each step of the dial is an item. */
  | { readonly command: 'connect'; readonly targets: readonly string[]; readonly trace: boolean }
  | { readonly command: 'disconnect'; readonly peer: string }
  /** Lets addresses that failed lately be dialed at once: those of a peer, some of them, or all without targets. */
  | { readonly command: 'clear-backoff'; readonly targets: readonly string[] }
  | DhtRequest
  | NameRequest

/** What is done in the node's DHT. */
export interface DhtRequest {
  readonly command: 'dht'
  readonly operation: (typeof dhtOperations)[number]
  /** A peer id, a CID, or the key of a record. */
  readonly key: string
  /** The record of `put`, base64. */
  readonly value?: string
}

/** An IPNS name of the node, or of another. */
export interface NameRequest {
  readonly command: 'name'
  readonly operation: (typeof nameOperations)[number]
  /** What the name is to stand for; the name that is resolved. */
  readonly text: string
}

const dhtOperations = ['get', 'put', 'provide', 'findprovs', 'findpeer', 'closest'] as const
const nameOperations = ['publish', 'resolve'] as const

/** One line of an answer. */
export type Reply =
  | { readonly item: object }
  | { readonly end: object }
  | { readonly error: { readonly name: string; readonly code: string; readonly message: string } }

/** A line is not as it must be; `code` says in which way. */
export class ControlProtocolError extends WeftError {
  constructor(code: 'ERR_LINE_TOO_LONG' | 'ERR_NOT_JSON' | 'ERR_BAD_REQUEST' | 'ERR_UNKNOWN_COMMAND', message: string) {
    super('ControlProtocolError', code, message)
  }
}

/** Reads a request. Throws `ControlProtocolError`. */
export function parseRequest(line: Uint8Array): Request {
  const fields = parseObject(line)
  const { command } = fields
  switch (command) {
    case 'dials':
    case 'connections':
    case 'peers':
    case 'limits':
      return { command }
    case 'connect':
      return { command, targets: targetsOf(fields, 1), trace: flagOf(fields, 'trace') }
    case 'disconnect':
      return { command, peer: textOf(fields, 'peer') }
    case 'clear-backoff':
      return { command, targets: targetsOf(fields, 0) }
    case 'dht': {
      const value = fields['value'] === undefined ? {} : { value: textOf(fields, 'value') }
      return { command, operation: oneOf(fields, 'operation', dhtOperations), key: textOf(fields, 'key'), ...value }
    }
    case 'name':
      return { command, operation: oneOf(fields, 'operation', nameOperations), text: textOf(fields, 'text') }
    default:
      throw new ControlProtocolError('ERR_UNKNOWN_COMMAND', 'this node knows no such command')
  }
}

/** Reads a line of an answer. Throws `ControlProtocolError`. */
export function parseReply(line: Uint8Array): Reply {
  const { item, end, error } = parseObject(line)
  if (isObject(item)) return { item }
  if (isObject(end)) return { end }
  if (!isObject(error)) throw new ControlProtocolError('ERR_BAD_REQUEST', 'a line of the answer has no known field')
  return { error: { name: textOf(error, 'name'), code: textOf(error, 'code'), message: textOf(error, 'message') } }
}

/** A request or a line of an answer, with its end. Throws `ControlProtocolError` if it is longer than a line may be. */
export function encodeLine(value: Request | Reply): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(value)}\n`)
  if (bytes.byteLength <= maxLineLength + 1) return bytes
  throw new ControlProtocolError('ERR_LINE_TOO_LONG', `a line has ${bytes.byteLength - 1} bytes, not ${maxLineLength}`)
}

/** An error as the last line of an answer. */
export function errorReply(error: unknown): Reply {
  const { name, message, code } = (error ?? {}) as Partial<WeftError>
  const text = (value: unknown, otherwise: string): string =>
    (typeof value === 'string' ? value : otherwise).slice(0, maxErrorLength)
  return {
    error: { name: text(name, 'Error'), code: text(code, 'ERR_UNKNOWN'), message: text(message, String(error)) }
  }
}

// UTF-16 units of each text in an error: even if each takes six bytes in JSON, three fit a line.
const maxErrorLength = 3_500

type Fields = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseObject(line: Uint8Array): Fields {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch {
    throw new ControlProtocolError('ERR_NOT_JSON', 'the line is no JSON')
  }
  if (isObject(value)) return value
  throw new ControlProtocolError('ERR_BAD_REQUEST', 'the line is no object')
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string') return value
  throw new ControlProtocolError('ERR_BAD_REQUEST', `"${name}" must be a text`)
}

function oneOf<T extends string>(fields: Fields, name: string, choices: readonly T[]): T {
  const found = choices.find(choice => choice === fields[name])
  if (found !== undefined) return found
  throw new ControlProtocolError('ERR_BAD_REQUEST', `"${name}" must be ${choices.join(', ')}`)
}

function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false
  if (typeof value === 'boolean') return value
  throw new ControlProtocolError('ERR_BAD_REQUEST', `"${name}" must be true or false`)
}

function targetsOf({ targets = [] }: Fields, minimum: number): string[] {
  const valid =
    Array.isArray(targets) &&
    targets.length >= minimum &&
    targets.length <= maxTargets &&
    targets.every(target => typeof target === 'string')
  if (valid) return targets
  throw new ControlProtocolError('ERR_BAD_REQUEST', `"targets" must be ${minimum} to ${maxTargets} texts`)
}
