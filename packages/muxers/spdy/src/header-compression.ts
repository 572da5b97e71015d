import { concat } from '@weft/bytes'
import { Z_NEED_DICT, Z_OK, Z_SYNC_FLUSH, zlibInflate, zlibInflateInit2, zlibInflateSetDictionary, ZStream } from 'pako'
import { writeUint32 } from './core/frame.ts'
import type { HeaderCompression } from './core/header-block.ts'
import { dictionary, dictionaryId } from './dictionary.ts'
import { SpdyError } from './errors.ts'

// CMF 38: deflate, a window of 2^11 bytes. FLG 30: a dictionary follows, fastest level (RFC 1950, section 2.2).
const streamHeader = [0x38, 0x30] as const
const noBytes = new Uint8Array(0)
// One for all connections: each block is used up before the next is read.
let scratch = noBytes

/**
 * Header compression by zlib, of one connection. What is sent is stored, not made smaller, as early js-libp2p does it: that
 * costs 80 bytes for each stream, no time, and no memory.
 */
export class ZlibHeaders implements HeaderCompression {
  private _begun = false
  private _inflater: ZStream | undefined

  compress(block: Uint8Array): Uint8Array {
    const start = new Uint8Array(this._begun ? 5 : 11)
    if (!this._begun) {
      this._begun = true
      start.set(streamHeader)
      writeUint32(start, 2, dictionaryId)
    }
    // A stored block: its length, and the complement of it (RFC 1951, section 3.2.4).
    const { byteLength } = block
    start.set([0, byteLength, byteLength >>> 8, ~byteLength, ~byteLength >>> 8], start.byteLength - 5)
    // Then an empty one, which ends on a whole byte: zlib's Z_SYNC_FLUSH.
    return concat([start, block, Uint8Array.of(0, 0, 0, 0xff, 0xff)])
  }

  decompress(bytes: Uint8Array, maximum: number): Uint8Array {
    const stream = (this._inflater ??= inflater())
    // One more than may come: whoever fills it has too much.
    if (scratch.byteLength <= maximum) scratch = new Uint8Array(maximum + 1)
    stream.input = bytes
    stream.next_in = 0
    stream.avail_in = bytes.byteLength
    stream.output = scratch.subarray(0, maximum + 1)
    stream.next_out = 0
    stream.avail_out = maximum + 1
    const status = inflate(stream)
    stream.input = noBytes
    if (stream.avail_out === 0) {
      throw new SpdyError('ERR_SPDY_HEADERS', `a header block has more than ${maximum} bytes`, { maximum })
    }
    if (status !== Z_OK || stream.avail_in > 0) {
      throw new SpdyError('ERR_SPDY_HEADERS', 'a header block cannot be decompressed', { status })
    }
    return scratch.subarray(0, stream.next_out)
  }
}

/** Its window is as large as the remote's stream says it needs, 32 KiB at most. */
function inflater(): ZStream {
  const stream = new ZStream()
  zlibInflateInit2(stream, 0)
  return stream
}

function inflate(stream: ZStream): number {
  const status = zlibInflate(stream, Z_SYNC_FLUSH)
  if (status !== Z_NEED_DICT) return status
  // Not Z_OK for a stream that names another dictionary.
  const set = zlibInflateSetDictionary(stream, dictionary)
  return set === Z_OK ? zlibInflate(stream, Z_SYNC_FLUSH) : set
}
