// RESP 2, the wire format of redis: as much of it as a list of addresses needs.
import { Buffer } from 'node:buffer'

/** Cuts a byte stream into values: strings, numbers, arrays, null, and `Error` for an error reply. */
export class RespReader {
  #bytes = Buffer.alloc(0)
  #at = 0

  /** Returns the values that are complete now. */
  push(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    const values = []
    for (;;) {
      this.#at = 0
      const value = this.#read()
      if (value === undefined) return values
      values.push(value)
      this.#bytes = this.#bytes.subarray(this.#at)
    }
  }

  #read() {
    const line = this.#line()
    if (line === undefined) return undefined
    const rest = line.slice(1)
    switch (line[0]) {
      case '+':
        return rest
      case '-':
        return new Error(rest)
      case ':':
        return Number(rest)
      case '$':
        return this.#bulk(Number(rest))
      case '*':
        return this.#array(Number(rest))
      default:
        throw new Error(`not RESP: ${line}`)
    }
  }

  #line() {
    const end = this.#bytes.indexOf('\r\n', this.#at)
    if (end === -1) return undefined
    const line = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 2
    return line
  }

  #bulk(length) {
    if (length === -1) return null
    const end = this.#at + length
    if (this.#bytes.length < end + 2) return undefined
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 2
    return text
  }

  #array(length) {
    if (length === -1) return null
    const values = []
    for (let i = 0; i < length; i++) {
      const value = this.#read()
      if (value === undefined) return undefined
      values.push(value)
    }
    return values
  }
}

export function encodeResp(value) {
  if (value === null) return '*-1\r\n'
  if (value instanceof Error) return `-${value.message}\r\n`
  if (typeof value === 'number') return `:${value}\r\n`
  if (Array.isArray(value)) return `*${value.length}\r\n${value.map(encodeResp).join('')}`
  return `$${Buffer.byteLength(value)}\r\n${value}\r\n`
}
