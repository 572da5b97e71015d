/**
 * Addresses as bytes (multiformats/multiaddr, "Encoding"): each component is its protocol's code as a varint, then the
 * length as a varint if that is variable, then the value. Bytes are the only form that is kept; text and components
 * are made from them on demand.
 */
import type { Component } from '@multiformats/multiaddr'
import { concat, decodeVarint, encodeVarint, fromUtf8, toUtf8, varintLength } from '@weft/bytes'
import { InvalidMultiaddrError } from './errors.ts'
import { maxComponents, maxMultiaddrLength, maxTextLength } from './limits.ts'
import { type Protocol, V } from './protocols.ts'
import { getProtocol } from './registry.ts'
import { text as plainText } from './values.ts'

/** Where one component lies in the bytes of an address: its value from `valueStart` to `end`. */
export interface Span {
  readonly protocol: Protocol
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/** The component that begins at `start`, its value unchecked. Throws `InvalidMultiaddrError`. */
export function readSpan(bytes: Uint8Array, start: number): Span {
  const code = readVarint(bytes, start)
  const protocol = getProtocol(code)
  let valueStart = start + varintLength(code)
  let length = (protocol.size ?? 0) / 8
  if (protocol.size === V) {
    length = readVarint(bytes, valueStart)
    valueStart += varintLength(length)
    if (length === 0) throw missing(protocol)
  }
  if (length > bytes.byteLength - valueStart) {
    throw new InvalidMultiaddrError('ERR_MULTIADDR_TRUNCATED', `the value of /${protocol.name} is cut short`)
  }
  return { protocol, start, valueStart, end: valueStart + length }
}

/** The components of bytes that were checked before. */
export function readSpans(bytes: Uint8Array): Span[] {
  const spans: Span[] = []
  for (let at = 0; at < bytes.byteLength; at = spans.at(-1)!.end) spans.push(readSpan(bytes, at))
  return spans
}

/** Throws `InvalidMultiaddrError` unless the bytes are an address: whole components, few enough, with valid values. */
export function checkBytes(bytes: Uint8Array): void {
  checkLength(bytes.byteLength, maxMultiaddrLength)
  let count = 0
  for (let at = 0; at < bytes.byteLength; ) {
    checkCount(++count)
    const span = readSpan(bytes, at)
    at = span.end
    if (span.end > span.valueStart) checkValue(span.protocol, bytes.subarray(span.valueStart, span.end))
  }
}

/** Joins two addresses that were checked before. Throws `InvalidMultiaddrError` if the whole is too long. */
export function joinBytes(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  checkLength(head.byteLength + tail.byteLength, maxMultiaddrLength)
  const bytes = concat([head, tail])
  checkCount(readSpans(bytes).length)
  return bytes
}

/** The bytes of an address as text. Throws `InvalidMultiaddrError`. */
export function bytesFromText(input: string): Uint8Array<ArrayBuffer> {
  checkLength(input.length, maxTextLength)
  // As js-libp2p: the first run of slashes counts as one, those at the end count for nothing.
  const text = input.replace(/\/{2,}/, '/').replace(/\/+$/, '')
  if (text === '') return new Uint8Array(0)
  if (!text.startsWith('/')) throw new InvalidMultiaddrError('ERR_INVALID_MULTIADDR', 'an address begins with "/"')
  const parts = text.slice(1).split('/')
  const components: Uint8Array[] = []
  for (let i = 0; i < parts.length; i++) {
    checkCount(components.length + 1)
    const protocol = getProtocol(parts[i]!)
    const value = hasValue(protocol) ? wrapped(protocol, () => valueFromText(protocol, parts[++i])) : undefined
    components.push(encodeComponent(protocol, value))
  }
  return joined(components)
}

/** The bytes of components. `code` and `value` rule; `name` and `bytes` are not read. Throws `InvalidMultiaddrError`. */
export function bytesFromComponents(components: readonly Component[]): Uint8Array<ArrayBuffer> {
  checkCount(components.length)
  return joined(components.map(({ code, value }) => encodeComponent(getProtocol(code), value)))
}

/** Text of bytes that were checked before. */
export function textFromBytes(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return '/'
  let text = ''
  for (const span of readSpans(bytes)) {
    text += `/${span.protocol.name}`
    const value = spanValue(span, bytes)
    if (value === undefined) continue
    text += `/${span.protocol.valueToString?.(value) ?? value}`
  }
  return text
}

/** The value of a component as js-libp2p has it in `Component`, or undefined for a protocol without one. */
export function spanValue(span: Span, bytes: Uint8Array): string | undefined {
  if (span.valueStart === span.end) return undefined
  return readValue(span.protocol, bytes.subarray(span.valueStart, span.end))
}

function encodeComponent(protocol: Protocol, value: string | undefined): Uint8Array {
  const code = encodeVarint(protocol.code)
  if (!hasValue(protocol)) {
    if (value === undefined) return code
    throw new InvalidMultiaddrError('ERR_MULTIADDR_VALUE', `/${protocol.name} has no value`)
  }
  if (value === undefined) throw missing(protocol)
  const bytes = wrapped(protocol, () => {
    if (typeof value !== 'string') throw new TypeError('a value is a string')
    protocol.validate?.(value)
    return protocol.valueToBytes?.(value) ?? fromUtf8(value)
  })
  if (bytes.byteLength === 0) throw missing(protocol)
  if (protocol.size !== V && bytes.byteLength !== protocol.size! / 8) {
    throw new InvalidMultiaddrError('ERR_MULTIADDR_VALUE', `the value of /${protocol.name} has another length`)
  }
  checkLength(bytes.byteLength, maxMultiaddrLength)
  checkValue(protocol, bytes)
  return concat(protocol.size === V ? [code, encodeVarint(bytes.byteLength), bytes] : [code, bytes])
}

function joined(components: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = concat(components)
  checkLength(bytes.byteLength, maxMultiaddrLength)
  return bytes
}

function valueFromText(protocol: Protocol, text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  return protocol.stringToValue?.(text) ?? text
}

function readValue(protocol: Protocol, bytes: Uint8Array): string {
  return protocol.bytesToValue?.(bytes) ?? toUtf8(bytes)
}

function checkValue(protocol: Protocol, bytes: Uint8Array): void {
  wrapped(protocol, () => {
    if (protocol.checkBytes !== undefined) return protocol.checkBytes(bytes)
    if (protocol.validate !== undefined) return protocol.validate(readValue(protocol, bytes))
    if (protocol.bytesToValue !== undefined || protocol.valueToString !== undefined) return readValue(protocol, bytes)
    return plainText.checkBytes?.(bytes)
  })
}

/** Whatever a value's codec throws becomes our own error, with the cause. */
function wrapped<T>(protocol: Protocol, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new InvalidMultiaddrError(
      'ERR_MULTIADDR_VALUE',
      `invalid value of /${protocol.name}: ${cause instanceof Error ? cause.message.slice(0, 128) : 'not said why'}`,
      { cause }
    )
  }
}

function readVarint(bytes: Uint8Array, at: number): number {
  try {
    return decodeVarint(bytes, at)
  } catch (cause) {
    const truncated = cause instanceof Error && 'code' in cause && cause.code === 'ERR_VARINT_TRUNCATED'
    const code = truncated ? 'ERR_MULTIADDR_TRUNCATED' : 'ERR_MULTIADDR_VARINT'
    throw new InvalidMultiaddrError(code, 'a protocol code or a length is no varint', { cause })
  }
}

function hasValue(protocol: Protocol): boolean {
  return protocol.size !== undefined && protocol.size !== 0
}

function missing(protocol: Protocol): InvalidMultiaddrError {
  return new InvalidMultiaddrError('ERR_MULTIADDR_VALUE', `/${protocol.name} needs a value`)
}

function checkCount(count: number): void {
  if (count <= maxComponents) return
  throw new InvalidMultiaddrError('ERR_MULTIADDR_COMPONENTS', `an address has at most ${maxComponents} components`, {
    facts: { maximum: maxComponents }
  })
}

function checkLength(length: number, maximum: number): void {
  if (length <= maximum) return
  throw new InvalidMultiaddrError(
    'ERR_MULTIADDR_LENGTH',
    `an address has at most length ${maximum}, this has ${length}`,
    {
      facts: { length, maximum }
    }
  )
}
