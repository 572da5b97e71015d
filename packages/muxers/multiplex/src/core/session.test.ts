import { ByteQueue, concat, fromHex, fromUtf8, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idleFrameBurst, maxIdGap, maxUnknownFrames } from '@weft/interface-stream-muxer'
import type { MplexError } from '../errors.ts'
import {
  encodeHeader,
  flagCloseInitiator,
  flagMessageInitiator,
  flagMessageReceiver,
  flagNewStream,
  flagResetInitiator,
  flagResetReceiver,
  maxNumericId,
  maxStreamId,
  type StreamId
} from './frame.ts'
import { defaultLimits, maxCrowded, maxSentPayload, type SessionLimits } from './limits.ts'
import { Session } from './session.ts'
import type { StreamState } from './stream-state.ts'

interface Peer {
  session: Session<string>
  /** What it told its adapter. */
  events: string[]
  /** Takes what it wants to send. */
  sent: () => Uint8Array<ArrayBuffer>
  /** Streams of the remote. */
  streams: Map<StreamId, StreamState<string>>
}

/** @param reads - whether what arrives is consumed at once */
function peer(dialer: boolean, limits: Partial<SessionLimits> = {}, reads: boolean = true): Peer {
  let out: Uint8Array[] = []
  const events: string[] = []
  const streams = new Map<StreamId, StreamState<string>>()
  const named = (stream: StreamState<string>): string => `${stream.outbound ? 'i' : 'r'}${stream.id}`
  const session: Session<string> = new Session<string>(
    dialer,
    { ...defaultLimits, ...limits },
    { push: chunk => out.push(chunk) },
    {
      admit: () => true,
      onOpen: stream => {
        streams.set(stream.id, stream)
        events.push(`open ${named(stream)}`)
      },
      onData: (stream, payload) => {
        const what = `data ${named(stream)} `
        // Pieces of one stream that follow each other count as one.
        const last = events.at(-1) ?? ''
        if (last.startsWith(what)) events[events.length - 1] = last + toHex(payload)
        else events.push(what + toHex(payload))
        if (reads) session.consumed(stream, payload.byteLength)
      },
      onEnd: stream => void events.push(`end ${named(stream)}`),
      onReset: stream => void events.push(`reset ${named(stream)}`),
      onPause: () => void events.push('pause'),
      onResume: () => void events.push('resume'),
      onAbort: (stream, error) => {
        const { byteLength, limit } = error as Error & { byteLength: number; limit: number }
        events.push(`${error.name} ${named(stream)} ${byteLength} ${limit}`)
      }
    }
  )
  const sent = (): Uint8Array<ArrayBuffer> => {
    const bytes = concat(out)
    out = []
    return bytes
  }
  return { session, events, sent, streams }
}

const queueOf = (...chunks: Uint8Array[]): ByteQueue => {
  const queue = new ByteQueue()
  for (const chunk of chunks) queue.push(chunk)
  return queue
}

const failure = (code: string): unknown => expect.objectContaining({ name: 'MplexError', code })
const frame = (id: StreamId, flag: number, body: Uint8Array = new Uint8Array(0)): Uint8Array<ArrayBuffer> =>
  concat([encodeHeader(id, flag, body.byteLength), body])

describe('golden frames', () => {
  it('opens, carries, ends and resets as initiator', () => {
    const { session, sent } = peer(true)
    session.open()
    // id 0 << 3 | NewStream, no name
    expect(toHex(sent())).toBe('0000')
    const stream = session.open()
    // id 2 << 3 | NewStream
    expect(toHex(sent())).toBe('1000')
    session.write(stream, queueOf(fromHex('aa'), fromHex('bbcc')), 1024)
    // 2 << 3 | MessageInitiator, 3 bytes
    expect(toHex(sent())).toBe('1203aabbcc')
    session.finish(stream)
    // 2 << 3 | CloseInitiator
    expect(toHex(sent())).toBe('1400')
    session.reset(stream)
    // 2 << 3 | ResetInitiator
    expect(toHex(sent())).toBe('1600')
    session.reset(stream)
    session.finish(stream)
    expect(toHex(sent())).toBe('')
  })

  it('opens, carries, ends and resets as receiver', () => {
    const { session, events, sent, streams } = peer(false)
    // NewStream 17 named "ab", MessageInitiator, CloseInitiator
    session.receive(fromHex('8801026162' + '8a01010a' + '8c0100'), 0)
    expect(events).toEqual(['open r17', 'data r17 0a', 'end r17'])
    const stream = streams.get(17)!
    session.write(stream, queueOf(fromHex('01')), 1024)
    session.reset(stream)
    // 17 << 3 | MessageReceiver, 1 byte; 17 << 3 | ResetReceiver
    expect(toHex(sent())).toBe('89010101' + '8d0100')
  })

  it('the listener opens odd ids', () => {
    const { session, sent } = peer(false)
    session.open()
    session.open()
    expect(toHex(sent())).toBe('0800' + '1800')
  })

  it('cuts payload into frames and respects a smaller maximum', () => {
    const { session, sent } = peer(true)
    const stream = session.open()
    sent()
    const queue = queueOf(new Uint8Array(maxSentPayload + 5))
    session.write(stream, queue, Number.POSITIVE_INFINITY)
    expect(queue.byteLength).toBe(5)
    session.write(stream, queue, 2)
    expect(queue.byteLength).toBe(3)
    session.write(stream, queueOf(), 2)
    // header of four bytes: flag and id in one, the length in three
    expect(sent().byteLength).toBe(4 + maxSentPayload + 2 + 2)
  })

  it.each([
    127,
    2 ** 31,
    maxNumericId,
    BigInt(maxNumericId) + 1n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 59n + 12_345n,
    maxStreamId
  ])('reads a header byte by byte, and answers: id %s', id => {
    const { session, events, sent, streams } = peer(false)
    const bytes = concat([frame(id, flagNewStream), frame(id, flagMessageInitiator, Uint8Array.of(1))])
    for (const byte of bytes) session.receive(Uint8Array.of(byte), 0)
    expect(events).toEqual([`open r${id}`, `data r${id} 01`])
    session.write(streams.get(id)!, queueOf(Uint8Array.of(2)), 1024)
    session.reset(streams.get(id)!)
    const expected = concat([frame(id, flagMessageReceiver, Uint8Array.of(2)), frame(id, flagResetReceiver)])
    expect(toHex(sent())).toBe(toHex(expected))
  })

  it('ends a stream from both sides', () => {
    const { session, events, streams } = peer(false)
    session.receive(fromHex('0800' + '0c00'), 0)
    session.finish(streams.get(1)!)
    expect(session.inboundCount).toBe(0)
    // What crosses is dropped, and the id may be used again.
    session.receive(fromHex('0a02aabb' + '0e00' + '0c00' + '0800'), 0)
    expect(events).toEqual(['open r1', 'end r1', 'open r1'])
  })

  it('keeps streams of one number apart by their initiator', () => {
    const { session, events } = peer(true)
    session.open()
    session.receive(fromHex('0000' + '0201aa' + '0101bb' + '0300' + '0600'), 0)
    expect(events).toEqual(['open r0', 'data r0 aa', 'data i0 bb', 'end i0', 'reset r0'])
  })

  it('passes over bodies of frames that should have none', () => {
    const { session, events } = peer(false)
    // CloseInitiator and ResetInitiator with an error text
    session.receive(fromHex('0800' + '0c03616263' + '0e03616263' + '1000'), 0)
    expect(events).toEqual(['open r1', 'end r1', 'reset r1', 'open r2'])
  })

  it('takes a stream’s name in pieces', () => {
    const { session, events } = peer(false)
    for (const byte of frame(0, flagNewStream, fromUtf8('stream 0'))) session.receive(Uint8Array.of(byte), 0)
    session.receive(fromHex('0400'), 0)
    expect(events).toEqual(['open r0', 'end r0'])
  })

  it('reads what libp2p-mplex 0.8 sent, whose listener opens odd ids', () => {
    const { session, events } = peer(true)
    session.open()
    const header = '14132f6d756c746973747265616d2f312e302e300a'
    // NewStream 1 and its header line; on our stream 0: header, "/echo/1.0.0", end; NewStream 3; reset of 1
    session.receive(fromHex(`08000a${header}01${header}010d0c2f6563686f2f312e302e300a0300` + '18000e00'), 0)
    expect(events).toEqual([
      'open r1',
      `data r1 ${header.slice(2)}`,
      `data i0 ${header.slice(2)}0c2f6563686f2f312e302e300a`,
      'end i0',
      'open r3',
      'reset r1'
    ])
  })

  it('drops data behind the end of a stream', () => {
    const { session, events } = peer(false)
    session.receive(fromHex('0800' + '0c00' + '0a01aa' + '0c00'), 0)
    expect(events).toEqual(['open r1', 'end r1'])
  })
})

describe('hostile frames', () => {
  it.each([
    ['mplex-type7', '0700', 'ERR_MPLEX_FLAG'],
    ['mplex-overlong-header', 'ffffffffffffffffff01', 'ERR_MPLEX_FLAG'],
    ['varint-overlong', '8080808080808080808001', 'ERR_MPLEX_VARINT'],
    ['varint-u64max, of an id', 'f8ffffffffffffffff01', 'ERR_MPLEX_STREAM_ID'],
    ['a length that is not minimal', '008000', 'ERR_MPLEX_VARINT'],
    ['an id that is not minimal', '8000', 'ERR_MPLEX_VARINT'],
    ['mplex-len-over-1MiB', '02808080ff0f', 'ERR_MPLEX_LENGTH'],
    ['1 MiB and a byte, before its last length byte', '0081c040', 'ERR_MPLEX_LENGTH']
  ])('%s', (_name, hex, code) => {
    const { session, events } = peer(false)
    expect(() => session.receive(fromHex(hex), 0)).toThrow(failure(code))
    expect(events).toEqual([])
  })

  it('takes any first id, and none far ahead of the highest', () => {
    for (const first of [0, 2n ** 59n]) {
      const { session, events } = peer(false)
      session.receive(frame(first, flagNewStream), 0)
      const ahead = (by: number): StreamId => (typeof first === 'bigint' ? first + BigInt(by) : first + by)
      session.receive(frame(ahead(maxIdGap), flagNewStream), 0)
      const far = frame(ahead(2 * maxIdGap + 1024), flagNewStream)
      expect(() => session.receive(far, 0)).toThrow(failure('ERR_MPLEX_STREAM_ID'))
      expect(events.length).toBe(2)
    }
  })

  it('opens no stream twice', () => {
    const { session } = peer(false)
    expect(() => session.receive(fromHex('08000800'), 0)).toThrow(failure('ERR_MPLEX_STREAM_ID'))
  })

  it('bounds frames for streams that never were, passing over their bodies', () => {
    const { session, events } = peer(false)
    const stray = fromHex('0a03080008')
    for (let i = 1; i < maxUnknownFrames; i++) session.receive(stray, 0)
    expect(events).toEqual([])
    expect(() => session.receive(stray, 0)).toThrow(failure('ERR_MPLEX_UNKNOWN_STREAM'))
  })

  it.each([
    ['empty data', '0a00'],
    ['opened and reset', '1000' + '1600'],
    ['used and reset before this side is done', '1000' + '1201aa' + '1600'],
    ['opened and ended', '1000' + '1400' + '1600'],
    ['an end again', '0c00'],
    ['data behind the end', '0c00' + '0a01aa'],
    ['ends of a stream that is gone', '2400'],
    ['resets of a stream that is gone', '2600'],
    ['resets of streams that never were, below one that was', '1e00'],
    ['data of a stream that the remote has reset', '2201aa']
  ])('bounds a flood of: %s', (_name, hex) => {
    const { session } = peer(false)
    // 1 is open, 4 opened and reset by the remote, which counts once.
    session.receive(fromHex('0800' + '2000' + '2600'), 0)
    let taken = 0
    const flood = (): void => {
      for (; taken <= idleFrameBurst; taken++) session.receive(fromHex(hex), 0)
    }
    expect(flood).toThrow(failure('ERR_MPLEX_FLOOD'))
    expect(taken).toBeGreaterThan(idleFrameBurst / 2 - 2)
  })

  it('does not count what crosses the end of streams that this side has reset', () => {
    const { session, streams } = peer(false)
    for (let i = 0; i < 3 * idleFrameBurst; i++) {
      session.receive(frame(i, flagNewStream), 0)
      session.reset(streams.get(i)!)
      session.receive(concat([frame(i, flagMessageInitiator, Uint8Array.of(1)), frame(i, flagCloseInitiator)]), 0)
      session.receive(frame(i, flagResetInitiator), 0)
    }
    expect(session.inboundCount).toBe(0)
  })

  it('takes any number of streams that are reset when this side is done', () => {
    const { session, streams } = peer(false)
    for (let i = 0; i < 3 * idleFrameBurst; i++) {
      session.receive(fromHex('1000' + '1201aa'), 0)
      session.finish(streams.get(2)!)
      session.receive(fromHex('1600'), 0)
    }
    expect(session.inboundCount).toBe(0)
  })

  it('allows such frames at a rate', () => {
    const { session, events } = peer(false)
    session.receive(fromHex('0800'), 0)
    // Twice as many as at once, at 500 a second.
    const count = idleFrameBurst * 2
    for (let i = 0; i <= count; i++) session.receive(fromHex('0a00'), i * 2)
    session.receive(fromHex('0a01aa'), count * 2)
    expect(events).toEqual(['open r1', 'data r1 aa'])
  })

  it('refuses streams past the limit, so many a second', () => {
    const { session, events, sent } = peer(false, { maxInboundStreams: 1, disconnectThreshold: 2 })
    session.receive(fromHex('0000' + '0800' + '1000'), 0)
    expect(events).toEqual(['open r0'])
    // ResetReceiver of 1 and 2
    expect(toHex(sent())).toBe('0d001500')
    session.receive(fromHex('1800'), 500)
    expect(() => session.receive(fromHex('2000'), 600)).toThrow(failure('ERR_MPLEX_TOO_MANY_STREAMS'))
  })

  it('resets a stream that is not read, in the middle of a frame', () => {
    const { session, events, sent } = peer(false, { maxStreamBuffer: 10 }, false)
    session.receive(concat([frame(1, flagNewStream), frame(1, flagMessageInitiator, new Uint8Array(8))]), 0)
    session.receive(concat([encodeHeader(1, flagMessageInitiator, 8), new Uint8Array(2)]), 0)
    expect(session.buffered).toBe(10)
    session.receive(new Uint8Array(3), 0)
    // The rest of the body belongs to nobody.
    session.receive(concat([new Uint8Array(3), frame(2, flagNewStream)]), 0)
    const told = ['open r1', 'pause', 'resume', 'StreamBufferError r1 13 10', 'open r2']
    expect(events.filter(event => !event.startsWith('data'))).toEqual(told)
    expect(toHex(sent())).toBe('0d00')
    expect(session.buffered).toBe(0)
  })

  it('tells when a stream holds half of what it may, and when none does any more', () => {
    const { session, events, streams } = peer(false, { maxStreamBuffer: 10 }, false)
    const told = (): string[] => events.splice(0).filter(event => event === 'pause' || event === 'resume')
    const receive = (id: number, length: number): void =>
      session.receive(frame(id, flagMessageInitiator, new Uint8Array(length)), 0)
    for (const id of [1, 2, 3, 4]) session.receive(frame(id, flagNewStream), 0)
    receive(1, 5)
    expect(told()).toEqual([])
    receive(1, 1)
    receive(2, 6)
    receive(1, 1)
    expect(told()).toEqual(['pause'])
    session.consumed(streams.get(1)!, 2)
    expect(told()).toEqual([])
    session.consumed(streams.get(2)!, 6)
    expect(told()).toEqual(['resume'])
    // One that has ended or is reset, by whichever side, keeps nobody waiting.
    for (const [id, flag] of [
      [2, flagCloseInitiator],
      [4, flagResetInitiator]
    ] as const) {
      receive(id, 6)
      session.receive(frame(id, flag), 0)
      expect(told()).toEqual(['pause', 'resume'])
    }
    receive(3, 6)
    session.reset(streams.get(3)!)
    expect(told()).toEqual(['pause', 'resume'])
  })

  it('waits for a reader once, and again when it has come', () => {
    const { session, events, streams } = peer(false, { maxStreamBuffer: 10 }, false)
    const told = (): string[] => events.splice(0).filter(event => !/^(data|open)/.test(event))
    const receive = (length: number): void => session.receive(frame(1, flagMessageInitiator, new Uint8Array(length)), 0)
    session.receive(frame(1, flagNewStream), 0)
    receive(6)
    expect(session.wakeAt).toBe(maxCrowded)
    session.tick(maxCrowded - 1)
    expect(told()).toEqual(['pause'])
    session.tick(maxCrowded)
    expect(session.wakeAt).toBe(Number.POSITIVE_INFINITY)
    receive(1)
    expect(told()).toEqual(['resume'])
    session.consumed(streams.get(1)!, 7)
    receive(6)
    session.tick(session.wakeAt)
    receive(5)
    expect(told()).toEqual(['pause', 'resume', 'StreamBufferError r1 11 10'])
  })

  it('takes a piece of any size for a reader that takes it at once', () => {
    const { session, events } = peer(false, { maxStreamBuffer: 10 })
    session.receive(concat([frame(1, flagNewStream), frame(1, flagMessageInitiator, new Uint8Array(50))]), 0)
    expect(events.length).toBe(2)
    expect(session.buffered).toBe(0)
  })

  it('resets the stream that holds most when the connection holds too much', () => {
    const { session, events, streams } = peer(false, { maxStreamBuffer: 100, maxConnectionBuffer: 100 }, false)
    for (const [id, length] of [
      [1, 30],
      [2, 45],
      [3, 20],
      [4, 40]
    ] as const) {
      session.receive(concat([frame(id, flagNewStream), frame(id, flagMessageInitiator, new Uint8Array(length))]), 0)
    }
    expect(events.filter(event => event.startsWith('StreamBufferError'))).toEqual(['StreamBufferError r2 45 100'])
    expect(session.buffered).toBe(90)
    session.consumed(streams.get(4)!, 40)
    session.consumed(streams.get(2)!, 45)
    expect(session.buffered).toBe(50)
  })
})

describe('properties', () => {
  const id = fc.integer({ min: 0, max: 4 })
  const step = fc.oneof(
    fc.record({ what: fc.constant('frame' as const), id, flag: fc.nat(6), length: fc.nat(40) }),
    fc.record({ what: fc.constant('open' as const) }),
    fc.record({ what: fc.constantFrom('finish' as const, 'reset' as const, 'write' as const), id, own: fc.boolean() })
  )

  it('buffers and streams stay within their limits, and empty sessions hold nothing', () => {
    const limits = { maxInboundStreams: 3, maxOutboundStreams: 2, maxStreamBuffer: 50, maxConnectionBuffer: 90 }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, reads) => {
        const { session, streams } = peer(true, { ...limits, disconnectThreshold: 1000 }, reads)
        const own: Array<StreamState<string>> = []
        try {
          for (const each of steps) {
            if (each.what === 'frame') session.receive(frame(each.id, each.flag, new Uint8Array(each.length)), 0)
            else if (each.what === 'open') {
              if (session.canOpen) own.push(session.open())
            } else {
              const stream = each.own ? own[each.id] : streams.get(each.id)
              if (stream === undefined) continue
              if (each.what === 'write') session.write(stream, queueOf(new Uint8Array(5)), 3)
              else session[each.what](stream)
            }
            expect(session.buffered).toBeLessThanOrEqual(reads ? 0 : limits.maxConnectionBuffer)
            expect(session.inboundCount).toBeLessThanOrEqual(limits.maxInboundStreams)
          }
        } catch (error) {
          expect((error as MplexError).name).toBe('MplexError')
          return
        }
        for (const stream of [...own, ...streams.values()]) session.reset(stream)
        if (session.inboundCount === 0) expect(session.buffered).toBe(0)
      })
    )
  })

  it('cuts change nothing', () => {
    const frames = fc.array(
      fc.record({ id, flag: fc.nat(6), body: fc.uint8Array({ maxLength: 30 }) }).map(f => frame(f.id, f.flag, f.body)),
      { maxLength: 30 }
    )
    fc.assert(
      fc.property(frames, fc.uint8Array({ maxLength: 12 }), fc.integer({ min: 1, max: 20 }), (all, tail, size) => {
        const bytes = concat([...all, tail])
        const chunks: Uint8Array[] = []
        for (let at = 0; at < bytes.byteLength; at += size) chunks.push(bytes.subarray(at, at + size))
        expect(run(chunks)).toEqual(run([bytes]))
      })
    )
  })

  it('carries what is written, whole and in order, between two sessions', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }),
        fc.integer({ min: 1, max: 50 }),
        (parts, max) => {
          const [near, far] = [peer(true), peer(false)]
          const stream = near.session.open()
          for (const part of parts) {
            const queue = queueOf(part)
            while (queue.byteLength > 0) near.session.write(stream, queue, max)
          }
          near.session.finish(stream)
          far.session.receive(near.sent(), 0)
          const data = far.events.filter(event => event.startsWith('data')).map(event => event.split(' ')[2])
          expect(data.join('')).toBe(toHex(concat(parts)))
          expect(far.events.at(-1)).toBe('end r0')
        }
      )
    )
  })

  function run(chunks: Uint8Array[]): unknown {
    const { session, events, sent } = peer(true, { maxInboundStreams: 3 })
    session.open()
    let error: string | undefined
    try {
      for (const chunk of chunks) session.receive(chunk, 0)
    } catch (failed) {
      error = (failed as MplexError).code
    }
    return { events, error, sent: toHex(sent()) }
  }
})
