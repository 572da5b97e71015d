import { ByteQueue, concat, fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idleFrameBurst, leastCredit, maxIdGap, maxUnknownFrames } from '@weft/interface-stream-muxer'
import { YamuxError } from '../errors.ts'
import { initialWindow } from './frame.ts'
import { defaultLimits, maxHeaderTime, maxPause, type SessionLimits } from './limits.ts'
import { Session } from './session.ts'
import type { StreamState } from './stream-state.ts'

interface Peer {
  /** What its adapter answers. */
  account: { admits: boolean; room: number; isShort: boolean; mayHold: number }
  session: Session<number>
  /** What it told its adapter. */
  events: string[]
  /** Takes what it wants to send. */
  sent: () => Uint8Array<ArrayBuffer>
  streams: Map<number, StreamState<number>>
  received: Map<number, Uint8Array>
}

function peer(client: boolean, limits: Partial<SessionLimits> = {}): Peer {
  let out: Uint8Array[] = []
  const events: string[] = []
  const account = { admits: true, room: Number.POSITIVE_INFINITY, isShort: false, mayHold: 0 }
  const streams = new Map<number, StreamState<number>>()
  const received = new Map<number, Uint8Array>()
  const note =
    (what: string) =>
    (stream: StreamState<number>): void =>
      void events.push(`${what} ${stream.id}`)
  const session = new Session<number>(
    client,
    { ...defaultLimits, ...limits },
    { push: chunk => out.push(chunk) },
    {
      admit: () => account.admits,
      growWindow: (_stream, window, growth) => !account.isShort && window + growth <= account.room,
      shrinkWindow: stream => void events.push(`shrink ${stream.id}`),
      isShort: () => account.isShort,
      mayHoldUnread: () => account.mayHold,
      onOpen: stream => {
        streams.set(stream.id, stream)
        events.push(`open ${stream.id}`)
      },
      onData: (stream, payload) => {
        events.push(`data ${stream.id} ${payload.byteLength}`)
        received.set(stream.id, concat([received.get(stream.id) ?? new Uint8Array(0), payload]))
      },
      onEnd: note('end'),
      onReset: note('reset'),
      onCredit: note('credit'),
      onSlot: () => void events.push('slot'),
      onPause: () => void events.push('pause'),
      onResume: () => void events.push('resume'),
      onGoAway: reason => void events.push(`go away ${reason}`)
    },
    0
  )
  const sent = (): Uint8Array<ArrayBuffer> => {
    const bytes = concat(out)
    out = []
    return bytes
  }
  return { account, session, events, sent, streams, received }
}

const queueOf = (...chunks: Uint8Array[]): ByteQueue => {
  const queue = new ByteQueue()
  for (const chunk of chunks) queue.push(chunk)
  return queue
}

const failure = (code: string): unknown => expect.objectContaining({ name: 'YamuxError', code })

describe('golden frames', () => {
  //                    version type flags stream id length
  const syn = '00' + '01' + '0001' + '00000001' + '00000000'
  const ack = '00' + '01' + '0002' + '00000001' + '00000000'

  it('opens with a window update', () => {
    const { session, sent } = peer(true)
    session.open(0)
    expect(toHex(sent())).toBe(syn)
    session.open(0)
    expect(toHex(sent())).toBe(syn.replace('00000001', '00000003'))
  })

  it('acknowledges, carries data, ends and resets', () => {
    const { session, events, sent, streams } = peer(false)
    session.receive(fromHex(`${syn}000000000000000100000003aabbcc`), 0)
    expect(toHex(sent())).toBe(ack)
    expect(events).toEqual(['open 1', 'data 1 3'])
    const stream = streams.get(1)!
    session.write(stream, queueOf(fromHex('0102'), fromHex('03')), 1024)
    expect(toHex(sent())).toBe('000000000000000100000003010203')
    session.finish(stream)
    expect(toHex(sent())).toBe('000100040000000100000000')
    session.reset(stream)
    expect(toHex(sent())).toBe('000100080000000100000000')
    session.reset(stream)
    session.finish(stream)
    expect(toHex(sent())).toBe('')
  })

  it('answers a ping and says good-bye', () => {
    const { session, events, sent } = peer(false)
    session.receive(fromHex('00020001000000000000002a'), 0)
    expect(toHex(sent())).toBe('00020002000000000000002a')
    session.goAway()
    expect(toHex(sent())).toBe('000300000000000000000000')
    session.receive(fromHex('000300000000000000000000'), 0)
    expect(events).toEqual(['go away 0'])
    expect(session.isExhausted).toBe(true)
  })

  it('ends a stream from both sides', () => {
    const { session, events, streams } = peer(false)
    // data with FIN: the end comes behind the payload
    session.receive(fromHex(`${syn}0000000400000001000000016f`), 0)
    expect(events).toEqual(['open 1', 'data 1 1', 'end 1'])
    session.finish(streams.get(1)!)
    expect(() => session.receive(fromHex('0001000000000001000000ff'), 0)).not.toThrow()
    expect(events).toEqual(['open 1', 'data 1 1', 'end 1'])
  })
})

describe('hostile frames', () => {
  it.each([
    ['yamux-version', '010000000000000000000000', 'ERR_YAMUX_VERSION'],
    ['yamux-type9', '000900000000000100000000', 'ERR_YAMUX_TYPE'],
    ['yamux-ping-on-stream', '000200010000000500000000', 'ERR_YAMUX_STREAM_ID'],
    ['yamux-syn-id0', '000100010000000000000000', 'ERR_YAMUX_STREAM_ID'],
    ['yamux-len-lie', '0000000100000065ffffffff', 'ERR_YAMUX_WINDOW_EXCEEDED'],
    ['yamux-syn-data-over-credit', '000000010000006500040001', 'ERR_YAMUX_WINDOW_EXCEEDED'],
    ['a stream of this side’s parity', '000100010000000200000000', 'ERR_YAMUX_STREAM_ID'],
    ['a body no window allows, for no stream', '0000000000000063ffffffff', 'ERR_YAMUX_WINDOW_EXCEEDED']
  ])('%s', (_name, hex, code) => {
    const { session, events } = peer(false)
    expect(() => session.receive(fromHex(hex), 0)).toThrow(failure(code))
    expect(events).toEqual([])
  })

  it('opens no stream twice', () => {
    const { session } = peer(false)
    const syn = fromHex('000100010000000100000000')
    session.receive(syn, 0)
    expect(() => session.receive(syn, 0)).toThrow(failure('ERR_YAMUX_STREAM_ID'))
  })

  it('refuses data over the window and after the end', () => {
    const { session } = peer(false)
    session.receive(
      fromHex('00010001000000010000000000010001000000030000000000010004000000030000000000'.slice(0, 72)),
      0
    )
    expect(() => session.receive(fromHex('000000000000000100040001'), 0)).toThrow(failure('ERR_YAMUX_WINDOW_EXCEEDED'))
    expect(() => session.receive(fromHex('0000000000000003000000016f'), 0)).toThrow(
      failure('ERR_YAMUX_WINDOW_EXCEEDED')
    )
  })

  it('ends at a window past 2^32-1 (yamux-window-overflow)', () => {
    const { session } = peer(false)
    session.receive(fromHex('000100010000000100000000'), 0)
    const update = fromHex('0001000000000001ffffffff')
    expect(() => session.receive(update, 0)).toThrow(failure('ERR_YAMUX_WINDOW_OVERFLOW'))
  })

  it('ignores an answer to no ping (yamux-unsolicited-pong)', () => {
    const { session, sent } = peer(false)
    session.receive(fromHex('000200020000000000000007'), 0)
    expect(sent().byteLength).toBe(0)
  })

  it('keeps the framing past bodies of unknown streams, and counts them (yamux-data-unknown-stream)', () => {
    const { session, events } = peer(false)
    const stray = '000000000000006300000004deadbeef'
    session.receive(fromHex(`${stray}000100010000006500000000`), 0)
    expect(events).toEqual(['open 101'])
    // 99 is below 101 and may have been open once; ids of this side that were never given cannot.
    const never = fromHex('000000000000006400000004deadbeef')
    for (let i = 0; i < maxUnknownFrames - 2; i++) session.receive(never, 0)
    expect(() => session.receive(never, 0)).toThrow(failure('ERR_YAMUX_UNKNOWN_STREAM'))
  })

  it('ends a flood of opened and reset streams (yamux-syn-rst-rapid)', () => {
    const { session, events } = peer(false)
    const bytes = fromHex('000100010000000100000000000100080000000100000000')
    let opened = 0
    expect(() => {
      for (let id = 1; id < 2_000_000; id += 2) {
        for (const at of [4, 16]) new DataView(bytes.buffer).setUint32(at, id)
        session.receive(bytes, 0)
        opened++
      }
    }).toThrow(failure('ERR_YAMUX_FLOOD'))
    expect(opened).toBe(idleFrameBurst)
    expect(events.length).toBeLessThanOrEqual(2 * idleFrameBurst + 2)
  })

  // A stream of four bytes that the remote then ends or resets.
  const short = (id: number, end: 'fin' | 'rst'): Uint8Array<ArrayBuffer> => {
    const flag = end === 'fin' ? '0004' : '0008'
    const bytes = fromHex(`000100010000000100000000000000000000000100000004deadbeef0001${flag}0000000100000000`)
    for (const at of [4, 16, 32]) new DataView(bytes.buffer).setUint32(at, id)
    return bytes
  }

  it('ends a flood of streams that are reset in the middle of their work', () => {
    const { session, streams } = peer(false)
    for (let i = 0; i < idleFrameBurst; i++) session.receive(short(2 * i + 1, 'rst'), 0)
    expect(streams.size).toBe(idleFrameBurst)
    const last = short(2 * idleFrameBurst + 1, 'rst')
    expect(() => session.receive(last, 0)).toThrow(failure('ERR_YAMUX_FLOOD'))
  })

  it('takes any number of streams that end, or are reset when this side is done', () => {
    const { session, streams } = peer(false)
    for (let i = 0; i < 3 * idleFrameBurst; i++) {
      const id = 2 * i + 1
      session.receive(short(id, i % 2 === 0 ? 'fin' : 'rst').subarray(0, 28), 0)
      session.finish(streams.get(id)!)
      session.receive(short(id, i % 2 === 0 ? 'fin' : 'rst').subarray(28), 0)
    }
    expect(streams.size).toBe(3 * idleFrameBurst)
  })

  it('ends a flood of streams that are opened and ended without a byte', () => {
    const { session } = peer(false)
    const bytes = fromHex('000100010000000100000000000100040000000100000000')
    expect(() => {
      for (let i = 0; i <= idleFrameBurst; i++) {
        for (const at of [4, 16]) new DataView(bytes.buffer).setUint32(at, 2 * i + 1)
        session.receive(bytes, 0)
      }
    }).toThrow(/flood/)
  })

  it('ends a flood of empty frames, and forgives a few each second', () => {
    const { session } = peer(false)
    session.receive(fromHex('000100010000000100000000'), 0)
    const empty = fromHex('000000000000000100000000')
    for (let i = 0; i < idleFrameBurst; i++) session.receive(empty, 0)
    expect(() => session.receive(empty, 0)).toThrow(failure('ERR_YAMUX_FLOOD'))
    const patient = peer(false).session
    patient.receive(fromHex('000100010000000100000000'), 0)
    for (let i = 0; i < 3 * idleFrameBurst; i++) patient.receive(empty, i * 3)
  })

  // 1 is open and has ended its side, 3 is open; 5 was opened and reset by the remote.
  const begun = '000100010000000100000000000100040000000100000000' + '000100010000000300000000'
  const gone = '000100010000000500000000000100080000000500000000'
  it.each([
    ['empty data that acknowledges', '000000020000000300000000'],
    ['window updates of nothing that acknowledge', '000100020000000300000000'],
    ['window updates of 1', '000100000000000300000001'],
    ['window updates of 1 that acknowledge', '000100020000000300000001'],
    ['ends of a stream that has ended', '000100040000000100000000'],
    ['resets of a stream that is gone', '000100080000000500000000'],
    ['ends of a stream that is gone', '000000040000000500000000'],
    ['resets of streams that never were, below one that was', '000100080000000700000000'],
    ['data of a stream that the remote has reset', '000000000000000500000001aa'],
    ['good-byes', '000300000000000000000000'],
    ['good-byes with flags', '000300010000000000000000']
  ])('ends a flood of %s, and forgives a few each second', (_name, hex) => {
    const frame = fromHex(hex)
    const open = (): Session<number> => {
      const { session } = peer(false)
      session.receive(fromHex(`${begun}${gone}000100010000000900000000`), 0)
      return session
    }
    let taken = 0
    const session = open()
    expect(() => {
      for (; taken <= idleFrameBurst; taken++) session.receive(frame, 0)
    }).toThrow(failure('ERR_YAMUX_FLOOD'))
    expect(taken).toBeGreaterThan(idleFrameBurst - 8)
    const patient = open()
    for (let i = 0; i < 2 * idleFrameBurst; i++) patient.receive(frame, i * 3)
  })

  it('takes small credit as the answer to each frame that was sent', () => {
    const a = peer(true)
    const stream = a.session.open(0)
    for (let i = 0; i < 3 * idleFrameBurst; i++) {
      a.session.write(stream, queueOf(new Uint8Array(7)), 1024)
      a.session.receive(fromHex('000100000000000100000007'), 0)
    }
    expect(stream.sendWindow).toBe(initialWindow)
  })

  it('sends no frames of a byte to a remote that grants byte by byte', () => {
    const a = peer(true)
    const stream = a.session.open(0)
    const queue = queueOf(new Uint8Array(initialWindow + 5000))
    while (a.session.write(stream, queue, 64 * 1024)) a.sent()
    a.sent()
    for (let i = 1; i < leastCredit; i++) {
      a.session.receive(fromHex('000100000000000100000001'), i * 3)
      expect(a.session.write(stream, queue, 64 * 1024)).toBe(false)
    }
    expect(a.sent().byteLength).toBe(0)
    a.session.receive(fromHex('000100000000000100000001'), 10_000)
    a.session.write(stream, queue, 64 * 1024)
    expect(queue.byteLength).toBe(5000 - leastCredit)
    // What is left to send is sent whatever the window.
    a.session.write(stream, queueOf(new Uint8Array(0)), 1024)
    a.session.receive(fromHex('00010000000000010000000a'), 20_000)
    expect(a.session.write(stream, queueOf(new Uint8Array(9)), 1024)).toBe(true)
  })

  it('does not count what crosses the end of streams that this side has reset', () => {
    const { session, streams } = peer(false)
    for (let i = 0; i < 3 * idleFrameBurst; i++) {
      const id = 2 * i + 1
      const bytes = fromHex('000100010000000100000000' + '000000000000000100000001aa' + '000100040000000100000000')
      for (const at of [4, 16, 29]) new DataView(bytes.buffer).setUint32(at, id)
      session.receive(bytes.subarray(0, 12), 0)
      session.reset(streams.get(id)!)
      session.receive(bytes.subarray(12), 0)
    }
    expect(session.buffered).toBe(0)
  })

  it('takes no id far ahead of the highest', () => {
    const { session, events } = peer(false)
    const open = (id: number): Uint8Array => fromHex(`00010001${id.toString(16).padStart(8, '0')}00000000`)
    session.receive(open(maxIdGap - 1), 0)
    expect(() => session.receive(open(2 * maxIdGap + 1), 0)).toThrow(failure('ERR_YAMUX_STREAM_ID'))
    expect(events).toEqual([`open ${maxIdGap - 1}`])
  })

  it('keeps a stream apart from an earlier one of its id', () => {
    const { session, sent, streams } = peer(false)
    const open = '000100010000000100000000'
    session.receive(fromHex(`${open}000000000000000100000003aabbcc000100080000000100000000`), 0)
    const first = streams.get(1)!
    session.receive(fromHex(open), 0)
    sent()
    session.consumed(first, 3, () => 0)
    session.finish(first)
    session.reset(first)
    expect(session.buffered).toBe(0)
    expect(sent().byteLength).toBe(0)
    session.reset(streams.get(1)!)
    expect(toHex(sent())).toBe('000100080000000100000000')
  })

  it('refuses streams past the limit', () => {
    const { session, events, sent } = peer(false, { maxInboundStreams: 1 })
    session.receive(fromHex('0001000100000001000000000001000100000003000000000000000000000003000000026162'), 0)
    expect(events).toEqual(['open 1'])
    expect(toHex(sent())).toBe('000100020000000100000000' + '000100080000000300000000')
  })

  it('refuses a stream for which the account has no room, and counts it as a frame that moves nothing', () => {
    const { account, session, events, sent } = peer(false)
    account.admits = false
    session.receive(fromHex('000100010000000100000000'), 0)
    expect(events).toEqual([])
    expect(toHex(sent())).toBe('000100080000000100000000')
    const open = fromHex('000100010000000300000000')
    expect(() => {
      for (let i = 0; i < idleFrameBurst; i++) session.receive(open, 0)
    }).toThrow(expect.objectContaining({ code: 'ERR_YAMUX_FLOOD' }))
  })

  it('does not take a remote for dead while the adapter reads nothing', () => {
    const { session } = peer(false)
    session.tick(30_000)
    session.readsPaused = true
    session.tick(60_001)
    session.readsPaused = false
    expect(() => session.tick(60_002)).toThrow(expect.objectContaining({ code: 'ERR_YAMUX_KEEP_ALIVE' }))
  })
})

describe('flow control', () => {
  const open = (
    limits: Partial<SessionLimits> = {}
  ): { a: Peer; b: Peer; out: StreamState<number>; in: StreamState<number> } => {
    const a = peer(true, limits)
    const b = peer(false, limits)
    const out = a.session.open(0)
    b.session.receive(a.sent(), 0)
    a.session.receive(b.sent(), 1)
    a.events.length = b.events.length = 0
    return { a, b, out, in: b.streams.get(1)! }
  }

  it('sends what the window allows and goes on with credit', () => {
    const { a, b, out, in: inbound } = open()
    const queue = queueOf(new Uint8Array(initialWindow + 10))
    while (a.session.write(out, queue, 100_000));
    expect(queue.byteLength).toBe(10)
    b.session.receive(a.sent(), 2)
    b.session.consumed(inbound, initialWindow / 2 - 1, () => 2)
    expect(b.sent().byteLength).toBe(0)
    b.session.consumed(inbound, 1, () => 2)
    const [update, ping] = ['000100000000000100020000', '000200010000000000000001']
    const sent = b.sent()
    expect(toHex(sent)).toBe(ping + update)
    a.session.receive(sent, 3)
    expect(a.events).toEqual(['credit 1'])
    expect(a.session.write(out, queue, 100_000)).toBe(true)
    expect(queue.byteLength).toBe(0)
  })

  it('grows a window that is emptied within a few round trips, to its bounds', () => {
    const { a, b, out, in: inbound } = open({ maxStreamWindow: 1024 * 1024, maxWindowGrowth: 600 * 1024 })
    for (let round = 0; round < 10; round++) {
      const queue = queueOf(new Uint8Array(2 * 1024 * 1024))
      while (a.session.write(out, queue, 1024 * 1024));
      b.session.receive(a.sent(), 10 * round)
      b.session.consumed(inbound, inbound.buffered, () => 10 * round + 5)
      a.session.receive(b.sent(), 10 * round + 5)
    }
    expect(inbound.targetWindow).toBe(initialWindow + 600 * 1024)
    b.session.reset(inbound)
    expect(inbound.targetWindow).toBe(initialWindow)
    expect(b.session.buffered).toBe(0)
  })

  it('holds as many unread windows as its limit says, and does not stop for them', () => {
    const { a, b, out } = open({ maxConnectionWindow: 2 * initialWindow })
    const second = a.session.open(0)
    for (const stream of [out, second]) {
      const queue = queueOf(new Uint8Array(initialWindow))
      while (a.session.write(stream, queue, initialWindow));
    }
    b.session.receive(a.sent(), 100)
    expect(b.session.buffered).toBe(2 * initialWindow)
    expect(b.events).not.toContain('pause')
  })

  it('grows a window in the first round trip where an earlier stream has shown how long that is', () => {
    const first: number[] = []
    for (const isKnown of [false, true]) {
      const { a, b, out, in: inbound } = open()
      if (isKnown) {
        b.session.open(0)
        a.session.receive(b.sent(), 100)
        b.session.receive(a.sent(), 200)
      }
      const queue = queueOf(new Uint8Array(2 * initialWindow))
      while (a.session.write(out, queue, 64 * 1024));
      b.session.receive(a.sent(), 300)
      b.session.consumed(inbound, inbound.buffered, () => 301)
      first.push(inbound.targetWindow / initialWindow)
    }
    expect(first).toEqual([1, 16])
  })

  it('grants a stream that nobody reads yet what it may hold, and one with a reader its window', () => {
    for (const mayHold of [0, 4 * initialWindow]) {
      const { a, b, out, in: inbound } = open()
      b.account.mayHold = mayHold
      const queue = queueOf(new Uint8Array(8 * initialWindow))
      for (let round = 0; round < 20; round++) {
        while (a.session.write(out, queue, 64 * 1024));
        b.session.receive(a.sent(), 10)
        a.session.receive(b.sent(), 10)
      }
      expect(inbound.buffered).toBe(Math.max(initialWindow, mayHold))
      // As it is read, the window is again what it was.
      b.session.consumed(inbound, inbound.buffered, () => 10_000)
      expect([inbound.receiveWindow, inbound.ahead]).toEqual([initialWindow, 0])
    }
  })

  it('shrinks a window while the node is short', () => {
    const { a, b, out, in: inbound } = open()
    const round = (now: number): void => {
      b.received.clear()
      const queue = queueOf(new Uint8Array(16 * initialWindow))
      while (queue.byteLength > 0 && a.session.write(out, queue, 64 * 1024));
      b.session.receive(a.sent(), now)
      b.session.consumed(inbound, inbound.buffered, () => now + 5)
      a.session.receive(b.sent(), now + 5)
    }
    for (let i = 0; i < 4; i++) round(10 * i)
    expect(inbound.targetWindow).toBeGreaterThan(4 * initialWindow)
    b.account.isShort = true
    for (let i = 5; i < 12; i++) round(10 * i)
    expect(inbound.targetWindow).toBe(initialWindow)
    expect(inbound.receiveWindow).toBeLessThanOrEqual(initialWindow)
    expect(b.events).toContain('shrink 1')
  })

  it('grows a window no further than the account has room', () => {
    const { a, b, out, in: inbound } = open()
    b.account.room = 4 * initialWindow
    for (let round = 0; round < 10; round++) {
      const queue = queueOf(new Uint8Array(2 * 1024 * 1024))
      while (a.session.write(out, queue, 1024 * 1024));
      b.session.receive(a.sent(), 10 * round)
      b.session.consumed(inbound, inbound.buffered, () => 10 * round + 5)
      a.session.receive(b.sent(), 10 * round + 5)
    }
    expect(inbound.targetWindow).toBe(4 * initialWindow)
  })

  it('stops the connection when too much is unread, and resets the fullest stream in the end', () => {
    const { a, b, out, in: inbound } = open({ maxConnectionWindow: initialWindow })
    const small = a.session.open(0)
    a.session.write(small, queueOf(new Uint8Array(8)), 1024)
    const queue = queueOf(new Uint8Array(initialWindow))
    while (a.session.write(out, queue, initialWindow));
    b.session.receive(a.sent(), 100)
    expect(b.events).toContain('pause')
    expect(b.session.wakeAt).toBe(100 + maxPause)
    b.session.tick(100 + maxPause)
    expect(b.events.slice(-2)).toEqual(['resume', 'reset 1'])
    b.session.consumed(inbound, initialWindow, () => 200_000)
    expect(b.session.buffered).toBe(8)
  })

  it('does not expect the rest of a header while it is stopped', () => {
    const { a, b, out } = open({ maxConnectionWindow: initialWindow })
    a.session.write(a.session.open(0), queueOf(new Uint8Array(8)), 1024)
    const queue = queueOf(new Uint8Array(initialWindow))
    while (a.session.write(out, queue, initialWindow));
    b.session.receive(concat([a.sent(), Uint8Array.of(0)]), 0)
    expect(b.events).toContain('pause')
    b.session.tick(maxHeaderTime)
    expect(b.events).toContain('resume')
  })

  it('opens no more than the remote has answered for', () => {
    const { session } = peer(true)
    for (let i = 0; i < 256; i++) {
      expect(session.canOpen).toBe(true)
      session.open(0)
    }
    expect(session.canOpen).toBe(false)
    session.receive(fromHex('000100020000000100000000'), 0)
    expect(session.canOpen).toBe(true)
  })
})

describe('keep-alive', () => {
  it('asks after silence and gives up without an answer', () => {
    const { session, sent } = peer(false)
    expect(session.wakeAt).toBe(30_000)
    session.tick(30_000)
    expect(toHex(sent())).toBe('000200010000000000000001')
    expect(session.wakeAt).toBe(60_000)
    expect(() => session.tick(60_000)).toThrow(failure('ERR_YAMUX_KEEP_ALIVE'))
  })

  it('is content with any sign of life', () => {
    const { session } = peer(false)
    session.tick(30_000)
    session.receive(fromHex('000200020000000000000007'), 31_000)
    session.tick(60_000)
    expect(session.wakeAt).toBe(61_000)
  })

  it('asks before it gives up when the clock has jumped', () => {
    const { session, sent } = peer(false)
    session.tick(10_000_000)
    expect(sent().byteLength).toBe(12)
    expect(session.wakeAt).toBe(10_030_000)
  })
})

describe('a header that comes byte by byte', () => {
  const ping = fromHex('000200020000000000000007')

  it('ends the session when its rest does not come in time', () => {
    const { session } = peer(false)
    session.receive(ping.subarray(0, 1), 100)
    expect(session.wakeAt).toBe(100 + maxHeaderTime)
    session.receive(ping.subarray(1, 2), 5100)
    session.tick(99 + maxHeaderTime)
    expect(session.wakeAt).toBe(100 + maxHeaderTime)
    expect(() => session.tick(100 + maxHeaderTime)).toThrow(failure('ERR_YAMUX_HEADER_TIMEOUT'))
  })

  it('may take that long again once it is complete', () => {
    const { session } = peer(false)
    session.receive(concat([ping.subarray(0, 11)]), 0)
    session.receive(concat([ping.subarray(11), ping.subarray(0, 1)]), 9000)
    session.tick(maxHeaderTime)
    expect(session.wakeAt).toBe(9000 + maxHeaderTime)
    session.receive(ping.subarray(1), 9500)
    session.tick(9000 + maxHeaderTime)
    expect(session.wakeAt).toBe(39_500)
  })
})

describe('properties', () => {
  it('survives any bytes, with its own error', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.uint8Array({ maxLength: 64 })), (client, chunks) => {
        const { session } = peer(client)
        try {
          for (const chunk of chunks) session.receive(chunk, 0)
        } catch (error) {
          expect(error).toBeInstanceOf(YamuxError)
        }
      })
    )
  })

  it('tells the same however the bytes are cut', () => {
    const frames = fromHex(
      '000100010000000100000000' +
        '000000000000000100000005' +
        '0102030405' +
        '0000000100000003000000016f' +
        '000100040000000100000000'
    )
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), cuts => {
        const { session, events, received } = peer(false)
        for (let at = 0, i = 0; at < frames.length; i++) {
          const end = at + cuts[i % cuts.length]!
          session.receive(frames.subarray(at, end), 0)
          at = end
        }
        expect(events.filter(event => !event.startsWith('data'))).toEqual(['open 1', 'open 3', 'end 1'])
        expect(toHex(received.get(1)!)).toBe('0102030405')
        expect(toHex(received.get(3)!)).toBe('6f')
      })
    )
  })

  it('never exceeds a window and loses nothing, whatever two sides do', () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constant('open' as const) }),
      fc.record({
        kind: fc.constant('write' as const),
        stream: fc.nat(),
        length: fc.integer({ min: 1, max: 300_000 })
      }),
      fc.record({
        kind: fc.constant('read' as const),
        stream: fc.nat(),
        part: fc.double({ min: 0, max: 1, noNaN: true })
      }),
      fc.record({ kind: fc.constant('finish' as const), stream: fc.nat() }),
      fc.record({ kind: fc.constant('reset' as const), stream: fc.nat() }),
      fc.record({ kind: fc.constant('deliver' as const) })
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), commands => {
        const a = peer(true)
        const b = peer(false)
        const opened: Array<{ state: StreamState<number>; queue: ByteQueue; written: number }> = []
        let now = 0
        const deliver = (): void => {
          now += 1
          b.session.receive(a.sent(), now)
          a.session.receive(b.sent(), now)
        }
        for (const step of commands) {
          const target = 'stream' in step && opened.length > 0 ? opened[step.stream % opened.length]! : undefined
          const inbound = target && b.streams.get(target.state.id)
          if (step.kind === 'open' && a.session.canOpen) {
            opened.push({ state: a.session.open(now), queue: new ByteQueue(), written: 0 })
          } else if (
            step.kind === 'write' &&
            target !== undefined &&
            !target.state.localFin &&
            !b.events.includes(`reset ${target.state.id}`)
          ) {
            target.queue.push(new Uint8Array(step.length).fill(target.state.id))
            const before = target.queue.byteLength
            while (a.session.write(target.state, target.queue, 65_536) && target.queue.byteLength > 0);
            target.written += before - target.queue.byteLength
          } else if (step.kind === 'read' && inbound !== undefined) {
            b.session.consumed(inbound, Math.floor(inbound.buffered * step.part), () => now)
          } else if (step.kind === 'finish' && target !== undefined) a.session.finish(target.state)
          else if (step.kind === 'reset' && inbound !== undefined) b.session.reset(inbound)
          else if (step.kind === 'deliver') deliver()
          for (const { state } of opened) expect(state.sendWindow).toBeGreaterThanOrEqual(0)
        }
        deliver()
        deliver()
        for (const { state, written } of opened) {
          const got = b.received.get(state.id)?.byteLength ?? 0
          if (b.streams.has(state.id) && got !== written) expect(got).toBeLessThan(written)
          expect(got).toBeLessThanOrEqual(written)
        }
      }),
      { numRuns: 50 }
    )
  })
})
