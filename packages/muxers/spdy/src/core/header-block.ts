/** Header blocks (SPDY/3.1, section 2.6.10): what is compressed. libp2p gives headers no meaning. */
import { fromUtf8 } from '@weft/bytes'
import { SpdyError } from '../errors.ts'
import { readUint32, writeUint32 } from './frame.ts'

/** Names and values in order, as bytes: their encoding is not agreed on. */
export type Headers = ReadonlyArray<readonly [name: Uint8Array, value: Uint8Array]>

/**
 * Compression of header blocks, of one connection: each block depends on those before it. What is returned is valid until
 * the next call.
 */
export interface HeaderCompression {
  compress(block: Uint8Array): Uint8Array
  /** Throws `SpdyError` for what is no such block, or has more than `maximum` bytes; no more than that are made. */
  decompress(bytes: Uint8Array, maximum: number): Uint8Array
}

export function encodeHeaders(headers: Headers): Uint8Array<ArrayBuffer> {
  const texts = headers.flat()
  const block = new Uint8Array(texts.reduce((length, text) => length + 4 + text.byteLength, 4))
  writeUint32(block, 0, headers.length)
  let at = 4
  for (const text of texts) {
    writeUint32(block, at, text.byteLength)
    block.set(text, at + 4)
    at += 4 + text.byteLength
  }
  return block
}

/** Reads views of a block. Throws `SpdyError` for one that is not exactly as many names and values as it says. */
export function decodeHeaders(block: Uint8Array): Headers {
  let at = 0
  const number = (): number => {
    if (block.byteLength - at < 4) throw malformed('ends too early')
    at += 4
    return readUint32(block, at - 4)
  }
  const text = (): Uint8Array => {
    const length = number()
    if (length > block.byteLength - at) throw malformed('ends too early')
    at += length
    return block.subarray(at - length, at)
  }
  const headers: Array<readonly [Uint8Array, Uint8Array]> = []
  // Each takes eight bytes at least, so that the block ends before a count that lies.
  for (let left = number(); left > 0; left--) headers.push([text(), text()])
  if (at < block.byteLength) throw malformed('goes on behind its last header')
  return headers
}

/** What early js-libp2p sends to open a stream. Other peers ask for `:method` and `:path` alone. */
export const requestBlock: Uint8Array = encodeHeaders(
  headersOf({ ':method': 'POST', ':version': 'HTTP/1.1', ':path': '/', ':scheme': 'https', ':host': 'localhost' })
)

/** What early js-libp2p answers. */
export const replyBlock: Uint8Array = encodeHeaders(headersOf({ ':status': '200 OK', ':version': 'HTTP/1.1' }))

function headersOf(headers: Readonly<Record<string, string>>): Headers {
  return Object.entries(headers).map(([name, value]) => [fromUtf8(name), fromUtf8(value)])
}

function malformed(what: string): SpdyError {
  return new SpdyError('ERR_SPDY_HEADERS', `a header block ${what}`)
}
