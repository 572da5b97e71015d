/** Recorded connections, of two early js-libp2p nodes and of one with Go's spdystream, read and written byte for byte. */
import { readFileSync } from 'node:fs'
import { concat, fromHex, fromUtf8, toHex, toUtf8 } from '@weft/bytes'
import { describe, expect, it } from 'vitest'
import {
  decodeHeader,
  encodeControl,
  encodeDataHeader,
  type Header,
  headerLength,
  readUint32,
  typeSynReply,
  typeSynStream
} from '../src/core/frame.ts'
import { decodeHeaders, encodeHeaders } from '../src/core/header-block.ts'
import { defaultLimits, maxHeaderBlock } from '../src/core/limits.ts'
import { Session } from '../src/core/session.ts'
import { ZlibHeaders } from '../src/header-compression.ts'

type Direction = '>' | '<'

/** What one side sent, behind the negotiation of SPDY. */
function sentBy(direction: Direction, file: string): Uint8Array {
  const lines = readFileSync(new URL(`vectors/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const chunks = lines.map(line => JSON.parse(line) as { dir: string; hex: string })
  const bytes = concat(chunks.filter(({ dir }) => dir === direction).map(({ hex }) => fromHex(hex)))
  const line = fromUtf8('/spdy/3.1.0\n')
  for (let at = 0; at < bytes.byteLength; at++) {
    if (toHex(bytes.subarray(at, at + line.byteLength)) === toHex(line)) return bytes.subarray(at + line.byteLength)
  }
  throw new Error('SPDY was not negotiated')
}

function framesOf(bytes: Uint8Array): Array<Header & { body: Uint8Array }> {
  const frames = []
  for (let at = 0; at < bytes.byteLength; ) {
    const header: Header = { type: 0, streamId: 0, flags: 0, length: 0 }
    decodeHeader(bytes, at, header)
    at += headerLength + header.length
    frames.push({ ...header, body: bytes.subarray(at - header.length, at) })
  }
  return frames
}

const wordsOf = (body: Uint8Array): number[] =>
  Array.from({ length: body.byteLength / 4 }, (_, i) => readUint32(body, 4 * i))

/** Bytes before the header block. */
const blockAt = (type: number): number => (type === typeSynStream ? 10 : type === typeSynReply ? 4 : 0)

describe.each([
  ['js.jsonl', '>', true, 45, 'open 1 3 5, end 1 2 6 4 5 8 10 12, reset 2 6 4 10 12'],
  ['js.jsonl', '<', true, 39, 'open 2 4 6 8 10 12, end 1 3, reset 2 6 4 10 12'],
  ['go-and-js.jsonl', '>', false, 8, 'open 1, end 1, reset'],
  ['go-and-js.jsonl', '<', true, 10, 'open 2, end 1, reset']
] as const)('%s %s', (file, direction, storesHeaders, count, expected) => {
  it('is written as it was read', () => {
    const bytes = sentBy(direction, file)
    const [reader, writer] = [new ZlibHeaders(), new ZlibHeaders()]
    const frames = framesOf(bytes).map(({ type, streamId, flags, body }) => {
      if (type === 0) return concat([encodeDataHeader(streamId, flags, body.byteLength), body])
      const at = blockAt(type)
      if (at === 0) return encodeControl(type, flags, wordsOf(body))
      const compressed = body.subarray(at)
      const headers = decodeHeaders(reader.decompress(compressed, maxHeaderBlock))
      expect(headers.map(([name]) => toUtf8(name))).toContain(type === typeSynStream ? ':path' : ':status')
      const block = writer.compress(encodeHeaders(headers))
      // Go's deflate has choices of its own: its blocks stay as they are.
      return encodeControl(type, flags, [], concat([body.subarray(0, at), storesHeaders ? block : compressed]))
    })
    expect(frames).toHaveLength(count)
    expect(toHex(concat(frames))).toBe(toHex(bytes))
  })

  it('is understood by the other side', () => {
    const events: Record<'open' | 'end' | 'reset', number[]> = { open: [], end: [], reset: [] }
    const session = new Session<undefined>(
      direction === '<',
      defaultLimits,
      new ZlibHeaders(),
      { push: () => {} },
      {
        admit: () => true,
        mayHoldUnread: () => 0,
        onOpen: ({ id }) => void events.open.push(id),
        onData: () => {},
        onEnd: ({ id }) => void events.end.push(id),
        onReset: ({ id }) => void events.reset.push(id),
        onCredit: () => {},
        onPause: () => {},
        onResume: () => {},
        onGoAway: () => {}
      }
    )
    // The streams that this side had opened.
    for (let i = 0; i < 8; i++) session.open()
    session.receive(sentBy(direction, file), 0)
    expect(
      Object.entries(events)
        .map(([what, ids]) => [what, ...ids].join(' '))
        .join(', ')
    ).toBe(expected)
  })
})
