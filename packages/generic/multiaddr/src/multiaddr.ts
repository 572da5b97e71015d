import type { Component, Multiaddr as Contract, MultiaddrInput } from '@multiformats/multiaddr'
import { equals } from '@weft/bytes'
import { InvalidParametersError } from '@weft/errors'
import { CODE_HTTP_PATH } from './codes.ts'
import {
  bytesFromComponents,
  bytesFromText,
  checkBytes,
  joinBytes,
  readSpans,
  spanValue,
  textFromBytes
} from './codec.ts'
import { InvalidMultiaddrError } from './errors.ts'

const brand = Symbol.for('@multiformats/multiaddr')
const inspect = Symbol.for('nodejs.util.inspect.custom')

/**
 * An address from text, bytes (which are copied), components, or an address of any implementation; of nothing, the empty
 * address `/`. It is immutable. Throws `InvalidMultiaddrError`. See multiformats/multiaddr.
 */
export function multiaddr(input?: MultiaddrInput): Contract {
  return make(input)
}

/** Whether a value is an address, of this or another implementation: by the mark that js-libp2p's have too. */
export function isMultiaddr(value: unknown): value is Contract {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
}

/** The bytes of an address, not to be written to. Those of another implementation are checked. */
export function bytesOf(address: Contract): Uint8Array<ArrayBuffer> {
  return Multiaddr.bytesOf(make(address))
}

class Multiaddr implements Contract {
  readonly #bytes: Uint8Array<ArrayBuffer>
  // Kept once made, as texts are the keys of many maps. Components are made anew on each call.
  #text: string | undefined
  // The contract lists each component's bytes only after the address was made from bytes or asked for them.
  #listsBytes: boolean

  static {
    // One mark for all instances, and not enumerable.
    Object.defineProperty(this.prototype, brand, { value: true })
  }

  constructor(bytes: Uint8Array<ArrayBuffer>, listsBytes = false) {
    this.#bytes = bytes
    this.#listsBytes = listsBytes
  }

  static is(value: unknown): value is Multiaddr {
    return typeof value === 'object' && value !== null && #bytes in value
  }

  static bytesOf(address: Multiaddr): Uint8Array<ArrayBuffer> {
    return address.#bytes
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    this.#listsBytes = true
    return this.#bytes
  }

  toString(): string {
    this.#text ??= textFromBytes(this.#bytes)
    return this.#text
  }

  toJSON(): string {
    return this.toString()
  }

  getComponents(): Component[] {
    return readSpans(this.#bytes).map(span => {
      const component: Component = { code: span.protocol.code, name: span.protocol.name }
      const value = spanValue(span, this.#bytes)
      if (value !== undefined) component.value = value
      if (this.#listsBytes) component.bytes = this.#bytes.subarray(span.start, span.end)
      return component
    })
  }

  encapsulate(input: MultiaddrInput): Contract {
    return new Multiaddr(joinBytes(this.#bytes, make(input).#bytes))
  }

  /**
   * Cuts from the last place where `address` stands, whole components only. Text may lack the value of its last
   * protocol, as in `/tcp`. Throws `InvalidParametersError` if it stands nowhere.
   */
  decapsulate(address: Contract | string): Contract {
    const part = Multiaddr.#tryMake(address)
    const byText = part === undefined || hasHttpPath(part.#bytes)
    const rest = byText ? this.#cutText(String(part ?? address)) : this.#cutBytes(part.#bytes)
    if (rest === undefined)
      throw new InvalidParametersError(`${this.toString()} does not contain ${address.toString()}`)
    return rest
  }

  decapsulateCode(code: number): Contract {
    const span = readSpans(this.#bytes).findLast(({ protocol }) => protocol.code === code)
    return span === undefined ? this : this.#cut(span.start)
  }

  /** By bytes, but that a path of HTTP is the same with and without the "/" that begins it (see `httpPath`). */
  equals(other?: unknown): boolean {
    if (!isMultiaddr(other)) return false
    const bytes = Multiaddr.is(other) ? other.#bytes : other.bytes
    if (equals(this.#bytes, bytes)) return true
    return bytes.length !== this.#bytes.length && hasHttpPath(this.#bytes) && this.toString() === other.toString()
  }

  [inspect](): string {
    return `Multiaddr(${this.toString()})`
  }

  static #tryMake(address: MultiaddrInput): Multiaddr | undefined {
    try {
      return make(address)
    } catch {
      return undefined
    }
  }

  #cut(end: number): Multiaddr {
    return new Multiaddr(new Uint8Array(this.#bytes.subarray(0, end)))
  }

  #cutBytes(part: Uint8Array): Multiaddr | undefined {
    if (part.length === 0) return this
    const bytes = this.#bytes
    const found = readSpans(bytes).findLast(({ start }) => equals(bytes.subarray(start, start + part.length), part))
    return found === undefined ? undefined : this.#cut(found.start)
  }

  #cutText(part: string): Multiaddr | undefined {
    const text = this.toString()
    for (let at = text.lastIndexOf(part); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(part, at - 1)) {
      const next = text.charAt(at + part.length)
      if (next === '' || next === '/') return make(text.slice(0, at))
    }
    return undefined
  }
}

/** Whether what is compared has two forms in bytes and one as text. */
function hasHttpPath(bytes: Uint8Array): boolean {
  return readSpans(bytes).some(({ protocol }) => protocol.code === CODE_HTTP_PATH)
}

function make(input: MultiaddrInput | undefined): Multiaddr {
  if (Multiaddr.is(input)) return input
  if (input === undefined || input === null) return new Multiaddr(new Uint8Array(0))
  if (typeof input === 'string') return new Multiaddr(bytesFromText(input))
  if (Array.isArray(input)) return new Multiaddr(bytesFromComponents(input))
  if (input instanceof Uint8Array) return fromBytes(input)
  if (isMultiaddr(input)) return fromBytes(input.bytes)
  throw new InvalidMultiaddrError('ERR_INVALID_MULTIADDR', 'an address is made of text, bytes or components')
}

function fromBytes(input: Uint8Array): Multiaddr {
  // Checked first: what is too long is not copied.
  checkBytes(input)
  return new Multiaddr(new Uint8Array(input), true)
}
