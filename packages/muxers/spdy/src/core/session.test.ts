import { ByteQueue, concat, fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idleFrameBurst, leastCredit, maxIdGap, maxUnknownFrames } from '@weft/interface-stream-muxer'
import { SpdyError } from '../errors.ts'
import { ZlibHeaders } from '../header-compression.ts'
import { encodeControl, encodeDataHeader, flagFin, initialWindow, typeSynStream } from './frame.ts'
import { requestBlock } from './header-block.ts'
import { defaultLimits, maxControlLength, maxFrameTime, maxFull, type SessionLimits } from './limits.ts'
import { Session } from './session.ts'
import type { StreamState } from './stream-state.ts'

interface Peer {
  account: { admits: boolean; mayHold: number }
  session: Session<number>
  /** What it told its adapter. */
  events: string[]
  /** Takes what it wants to send. */
  sent: () => Uint8Array<ArrayBuffer>
  /** Streams of the remote. */
  streams: Map<number, StreamState<number>>
  received: Map<number, Uint8Array>
}

function peer(client: boolean, limits: Partial<SessionLimits> = {}): Peer {
  let out: Uint8Array[] = []
  const events: string[] = []
  const account = { admits: true, mayHold: 0 }
  const streams = new Map<number, StreamState<number>>()
  const received = new Map<number, Uint8Array>()
  const note =
    (what: string) =>
    (stream: StreamState<number>): void =>
      void events.push(`${what} ${stream.id}`)
  const session = new Session<number>(
    client,
    { ...defaultLimits, ...limits },
    new ZlibHeaders(),
    { push: chunk => out.push(chunk) },
    {
      admit: () => account.admits,
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
      onPause: () => void events.push('pause'),
      onResume: () => void events.push('resume'),
      onGoAway: reason => void events.push(`go away ${reason}`)
    }
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

const failure = (code: string): unknown => expect.objectContaining({ name: 'SpdyError', code })

// SETTINGS, one entry, to be kept: INITIAL_WINDOW_SIZE 1 MiB
const settings = '80030004' + '0000000c' + '00000001' + '01000007' + '00100000'

/** What a remote writes: its header blocks depend on one another. */
function remote() {
  const headers = new ZlibHeaders()
  return {
    /** SYN_STREAM, without priority. */
    open: (id: number, flags: number = 0): Uint8Array =>
      encodeControl(typeSynStream, flags, [id, 0], concat([Uint8Array.of(0, 0), headers.compress(requestBlock)])),
    data: (id: number, bytes: Uint8Array, flags: number = 0): Uint8Array =>
      concat([encodeDataHeader(id, flags, bytes.byteLength), bytes])
  }
}

/** A server to which a remote has opened streams, without flow control unless `settings` are received. */
function opened(ids: number[], limits: Partial<SessionLimits> = {}, counts: boolean = true) {
  const server = peer(false, limits)
  const client = remote()
  if (counts) server.session.receive(fromHex(settings), 0)
  for (const id of ids) server.session.receive(client.open(id), 0)
  server.events.length = 0
  server.sent()
  return { ...server, client }
}

describe('golden frames', () => {
  // stored block of 103 bytes: five headers; then an empty one
  const request =
    '00670098ff' +
    '00000005' +
    '000000073a6d6574686f64' +
    '00000004504f5354' +
    '000000083a76657273696f6e' +
    '00000008485454502f312e31' +
    '000000053a70617468' +
    '000000012f' +
    '000000073a736368656d65' +
    '000000056874747073' +
    '000000053a686f7374' +
    '000000096c6f63616c686f7374' +
    '000000ffff'
  // stored block of 49 bytes: two headers; then an empty one
  const reply =
    '003100ceff' +
    '00000002' +
    '000000073a737461747573' +
    '00000006323030204f4b' +
    '000000083a76657273696f6e' +
    '00000008485454502f312e31' +
    '000000ffff'
  // zlib, with the dictionary of SPDY/3
  const zlib = '3830e3c6a7c2'
  // control, version 3, type 1; length; stream; no other stream; priority 3; no slot
  const syn = (length: string, stream: string): string => `80030001${length}${stream}00000000` + '6000'

  it('begins with its windows', () => {
    // WINDOW_UPDATE of the session, from 64 KiB to 4 MiB
    expect(toHex(peer(true).sent())).toBe(settings + '80030009' + '00000008' + '00000000' + '003f0000')
    expect(toHex(peer(true, { connectionWindow: initialWindow }).sent())).toBe(settings)
  })

  it('opens, carries, ends and resets', () => {
    const { session, sent } = peer(true)
    sent()
    const stream = session.open()
    expect(toHex(sent())).toBe(syn('00000081', '00000001') + zlib + request)
    const second = session.open()
    expect(toHex(sent())).toBe(syn('0000007b', '00000003') + request)
    session.write(stream, queueOf(fromHex('aa'), fromHex('bbcc')), 1024)
    // stream, no flags, length
    expect(toHex(sent())).toBe('00000001' + '00000003' + 'aabbcc')
    session.finish(stream)
    // FIN, without payload
    expect(toHex(sent())).toBe('00000001' + '01000000')
    session.reset(second)
    // RST_STREAM, CANCEL
    expect(toHex(sent())).toBe('80030003' + '00000008' + '00000003' + '00000005')
    session.reset(second)
    session.finish(second)
    session.finish(stream)
    expect(toHex(sent())).toBe('')
  })

  it('answers a stream before anything else is sent on it', () => {
    const { session, events, sent, streams } = peer(false)
    sent()
    session.receive(fromHex(syn('00000081', '00000001') + zlib + request + '00000001' + '01000002' + '6869'), 0)
    expect(events).toEqual(['open 1', 'data 1 2', 'end 1'])
    session.write(streams.get(1)!, queueOf(fromHex('ff')), 1024)
    // SYN_REPLY
    expect(toHex(sent())).toBe('80030002' + '00000045' + '00000001' + zlib + reply + '0000000100000001ff')
    session.open()
    expect(toHex(sent())).toBe(syn('0000007b', '00000002') + request)
  })

  it('takes the answer to a stream, and does without', () => {
    const { session, events } = peer(true)
    const [first, second] = [session.open(), session.open()]
    // HEADERS are read, for the sake of those that follow
    session.receive(fromHex('80030008' + '00000045' + '00000001' + zlib + reply), 0)
    // SYN_REPLY with FIN; DATA without one
    session.receive(fromHex('80030002' + '0100003f' + '00000001' + reply + '00000003' + '00000001' + 'aa'), 0)
    expect(events).toEqual(['end 1', 'data 3 1'])
    expect([first.remoteFin, second.remoteFin]).toEqual([true, false])
  })

  it('answers a ping of the remote, and none of its own', () => {
    const { session, sent } = peer(false)
    sent()
    // PING 1, PING 2
    session.receive(fromHex('800300060000000400000001' + '800300060000000400000002'), 0)
    expect(toHex(sent())).toBe('800300060000000400000001')
  })

  it('says good-bye, and hears it', () => {
    const { session, events, sent } = opened([1, 7, 5])
    session.goAway(1)
    // GOAWAY, the last stream is 7, PROTOCOL_ERROR
    expect(toHex(sent())).toBe('80030007' + '00000008' + '00000007' + '00000001')
    const [first, second] = [session.open(), session.open()]
    session.receive(fromHex('80030007' + '00000008' + '00000002' + '00000000'), 0)
    expect([first.id, second.id]).toEqual([2, 4])
    expect(events).toEqual(['reset 4', 'go away 0'])
    expect(session.isExhausted).toBe(true)
  })

  it('passes over CREDENTIAL and what nobody knows', () => {
    const { session, events } = peer(false)
    session.receive(fromHex('8003000a00000002aaaa' + '8003ffff00000000' + '800300050000000100'), 0)
    expect(events).toEqual([])
  })

  it('ends a stream from both sides', () => {
    const { session, events, streams, client } = opened([1])
    session.receive(client.data(1, new Uint8Array(0), flagFin), 0)
    session.finish(streams.get(1)!)
    expect(session.inboundCount).toBe(0)
    // What crosses is dropped.
    session.receive(concat([client.data(1, new Uint8Array(5)), fromHex('8003000300000008' + '0000000100000005')]), 0)
    expect(events).toEqual(['end 1'])
  })
})

describe('hostile frames', () => {
  it.each([
    ['version 2', '80020006' + '00000004' + '00000001', 'ERR_SPDY_VERSION'],
    ['a control frame over the limit, at its header', '80030001' + '0000400b', 'ERR_SPDY_LENGTH'],
    ['SYN_STREAM without its fields', '80030001' + '00000009' + '000000010000000060', 'ERR_SPDY_LENGTH'],
    ['SYN_STREAM without headers', '80030001' + '0000000a' + '00000001000000006000', 'ERR_SPDY_HEADERS'],
    ['RST_STREAM too long', '80030003' + '00000009' + '000000010000000500', 'ERR_SPDY_LENGTH'],
    ['PING too short', '80030006' + '00000003' + '000000', 'ERR_SPDY_LENGTH'],
    ['WINDOW_UPDATE too short', '80030009' + '00000004' + '00000000', 'ERR_SPDY_LENGTH'],
    ['GOAWAY too short', '80030007' + '00000004' + '00000000', 'ERR_SPDY_LENGTH'],
    ['SETTINGS whose count lies', '80030004' + '00000004' + 'ffffffff', 'ERR_SPDY_LENGTH'],
    ['a window of 2^31', '80030004' + '0000000c' + '00000001' + '00000007' + '80000000', 'ERR_SPDY_WINDOW_OVERFLOW'],
    ['the session’s credit past 2^31-1', '80030009' + '00000008' + '00000000' + '7fffffff', 'ERR_SPDY_WINDOW_OVERFLOW'],
    ['data of no stream', '00000000' + '00000001' + 'aa', 'ERR_SPDY_STREAM_ID'],
    ['data past the window, for no stream', settings + '00000063' + '00400001', 'ERR_SPDY_WINDOW_EXCEEDED']
  ])('%s', (_name, hex, code) => {
    const { session, events } = peer(false)
    expect(() => session.receive(fromHex(hex), 0)).toThrow(failure(code))
    expect(events).toEqual([])
  })

  it.each([0, 2])('refuses stream %i', id => {
    expect(() => opened([id])).toThrow(failure('ERR_SPDY_STREAM_ID'))
  })

  it('opens no stream twice', () => {
    expect(() => opened([1, 1])).toThrow(failure('ERR_SPDY_STREAM_ID'))
  })

  it('refuses data past a stream’s window, at its header', () => {
    const { session, events } = opened([1], { streamWindow: 100_000 })
    expect(() => session.receive(encodeDataHeader(1, 0, 100_001), 0)).toThrow(failure('ERR_SPDY_WINDOW_EXCEEDED'))
    expect(events).toEqual([])
  })

  it('ends at a stream’s window past 2^31-1', () => {
    const { session } = opened([1])
    const update = fromHex('80030009' + '00000008' + '00000001' + '7fff0000')
    expect(() => session.receive(update, 0)).toThrow(failure('ERR_SPDY_WINDOW_OVERFLOW'))
  })

  it('drops data behind the end of a stream', () => {
    const { session, events, client } = opened([1])
    session.receive(concat([client.data(1, new Uint8Array(3), flagFin), client.data(1, new Uint8Array(4))]), 0)
    expect(events).toEqual(['data 1 3', 'end 1'])
    expect(session.buffered).toBe(3)
  })

  it('keeps the framing past payloads of unknown streams, and counts them', () => {
    const { session, events, client } = opened([])
    session.receive(concat([client.data(99, new Uint8Array(4)), client.open(101)]), 0)
    expect(events).toEqual(['open 101'])
    // 99 is below 101 and may have been open once; streams of this side that were never opened cannot.
    for (let i = 0; i < maxUnknownFrames - 2; i++) session.receive(client.data(100, new Uint8Array(4)), 0)
    expect(() => session.receive(client.data(100, new Uint8Array(4)), 0)).toThrow(failure('ERR_SPDY_UNKNOWN_STREAM'))
    expect(session.buffered).toBe(0)
  })

  it.each([
    ['empty data', '00000001' + '00000000'],
    ['pings', '800300060000000400000001'],
    ['answers to no ping', '800300060000000400000002'],
    ['settings', settings],
    ['credit of nothing', '80030009' + '00000008' + '00000001' + '00000000'],
    ['credit for streams that are gone', '80030009' + '00000008' + '00000003' + '00000001'],
    ['credit of a byte to a stream', '80030009' + '00000008' + '00000001' + '00000001'],
    ['credit of a byte to the session', '80030009' + '00000008' + '00000000' + '00000001'],
    ['resets of streams that are gone', '80030003' + '00000008' + '00000003' + '00000005'],
    ['ends of streams that are gone', '00000003' + '01000000'],
    ['ends of a stream that has ended', '00000005' + '01000000'],
    ['data behind the end of a stream', '00000005' + '01000001' + 'aa'],
    ['good-byes', '80030007' + '00000008' + '00000000' + '00000000'],
    ['frames that nobody knows', '8003ffff00000000']
  ])('ends a flood of %s, and forgives a few each second', (_name, hex) => {
    const frame = fromHex(hex)
    const { session } = opened([1, 5], {}, false)
    expect(() => {
      // The first of them may end a stream.
      for (let i = 0; i <= idleFrameBurst + 1; i++) session.receive(frame, 0)
    }).toThrow(failure('ERR_SPDY_FLOOD'))
    const patient = opened([1, 5], {}, false).session
    for (let i = 0; i < 2 * idleFrameBurst; i++) patient.receive(frame, i * 3)
  })

  it('takes no id far ahead of the highest', () => {
    const { session, events, client } = opened([])
    session.receive(client.open(maxIdGap - 1), 0)
    expect(() => session.receive(client.open(2 * maxIdGap + 1), 0)).toThrow(failure('ERR_SPDY_STREAM_ID'))
    expect(events.length).toBe(1)
  })

  it.each([
    ['reset', (id: number) => encodeControl(3, 0, [id, 5])],
    ['ended without a byte', (id: number) => encodeDataHeader(id, flagFin, 0)]
  ])('ends a flood of streams that are opened and %s', (_name, end) => {
    const { session, client, streams } = opened([], { maxInboundStreams: Number.POSITIVE_INFINITY })
    let count = 0
    expect(() => {
      for (let id = 1; id < 2_000_000; id += 2) {
        session.receive(concat([client.open(id), end(id)]), 0)
        count++
      }
    }).toThrow(failure('ERR_SPDY_FLOOD'))
    // One was for the settings.
    expect(count).toBe(idleFrameBurst - 1)
    expect(streams.size).toBe(idleFrameBurst)
  })

  it('takes any number of streams that end, or are reset when this side is done', () => {
    const { session, client, streams } = opened([])
    for (let i = 0; i < 3 * idleFrameBurst; i++) {
      const id = 2 * i + 1
      session.receive(concat([client.open(id), client.data(id, Uint8Array.of(1))]), 0)
      session.finish(streams.get(id)!)
      session.receive(i % 2 === 0 ? encodeDataHeader(id, flagFin, 0) : encodeControl(3, 0, [id, 5]), 0)
    }
    expect(streams.size).toBe(3 * idleFrameBurst)
    expect(session.buffered).toBe(0)
  })

  it('refuses streams past the limit, without room, and of one way: the next header block is read all the same', () => {
    const { account, session, events, sent, client } = opened([1], { maxInboundStreams: 2 })
    const refused = (id: string): string => `8003000300000008${id}00000003`
    account.admits = false
    session.receive(client.open(3), 0)
    account.admits = true
    session.receive(client.open(5, 2), 0)
    expect(toHex(sent())).toBe(refused('00000003') + refused('00000005'))
    session.receive(client.open(7), 0)
    sent()
    session.receive(client.open(9), 0)
    expect(toHex(sent())).toBe(refused('00000009'))
    expect(events).toEqual(['open 7'])
    expect(() => {
      for (let id = 11; id < 100_000; id += 2) session.receive(client.open(id), 0)
    }).toThrow(failure('ERR_SPDY_FLOOD'))
  })

  it('keeps a stream apart from an earlier one of its id', () => {
    const { session, sent, streams, client } = opened([1])
    session.receive(concat([client.data(1, new Uint8Array(3)), encodeControl(3, 0, [1, 5])]), 0)
    const first = streams.get(1)!
    session.receive(client.open(1), 0)
    sent()
    session.consumed(first, 3)
    session.finish(first)
    session.reset(first)
    expect(session.buffered).toBe(0)
    expect(sent().byteLength).toBe(0)
    session.reset(streams.get(1)!)
    expect(toHex(sent())).toBe('8003000300000008' + '0000000100000005')
  })
})

describe('sending', () => {
  const sendAll = ({ session }: Peer, stream: StreamState<number>, length: number): ByteQueue => {
    const queue = queueOf(new Uint8Array(length))
    while (session.write(stream, queue, 100_000) && queue.byteLength > 0);
    return queue
  }
  const settingsOf = (id: string, value: string): Uint8Array => fromHex(`800300040000000c00000001000000${id}${value}`)

  it('sends what both windows allow, and goes on with credit', () => {
    const near = peer(true)
    const [first, second] = [near.session.open(), near.session.open()]
    const queue = sendAll(near, first, initialWindow + 10)
    expect(queue.byteLength).toBe(10)
    expect(near.session.write(second, queueOf(new Uint8Array(1)), 10)).toBe(false)
    // Credit of a stream is no use without that of the session.
    near.session.receive(fromHex('80030009' + '00000008' + '00000001' + '00000014'), 0)
    expect(near.events).toEqual([])
    near.session.receive(fromHex('80030009' + '00000008' + '00000000' + '00000014'), 0)
    expect(near.events).toEqual(['credit 3', 'credit 1'])
    expect(near.session.write(first, queue, 100)).toBe(true)
    expect([queue.byteLength, first.sendWindow]).toEqual([0, 10])
  })

  it('keeps to a window that the remote has made smaller', () => {
    const near = peer(true)
    const stream = near.session.open()
    const queue = sendAll(near, stream, 30_000)
    near.session.receive(settingsOf('07', '00002710'), 0)
    queue.push(new Uint8Array(10))
    expect(near.session.write(stream, queue, 100)).toBe(false)
    expect(stream.sendWindow).toBe(10_000 - 30_000)
    near.session.receive(settingsOf('07', '00007531'), 0)
    expect(near.events).toEqual(['credit 1'])
    // A byte is not worth a frame while more is to be sent.
    expect(near.session.write(stream, queue, 100)).toBe(false)
    expect(queue.byteLength).toBe(10)
    expect(near.session.open().sendWindow).toBe(30_001)
    near.session.receive(settingsOf('07', (30_000 + leastCredit).toString(16).padStart(8, '0')), 0)
    expect(near.session.write(stream, queue, 4)).toBe(true)
    expect(queue.byteLength).toBe(6)
  })

  it('waits for a remote that has said nothing, and stops counting for one that counts nothing', () => {
    const near = peer(true)
    const stream = near.session.open()
    const queue = sendAll(near, stream, 1_000_000)
    expect(queue.byteLength).toBe(1_000_000 - initialWindow)
    // PING
    near.session.receive(fromHex('800300060000000400000002'), 0)
    expect(near.events).toEqual(['credit 1'])
    while (near.session.write(stream, queue, 100_000) && queue.byteLength > 0);
    expect(queue.byteLength).toBe(0)
  })

  it('opens no more than the remote takes', () => {
    const { session } = peer(true)
    session.receive(settingsOf('04', '00000001'), 0)
    expect([session.canOpen, session.maxOutbound]).toEqual([true, 1])
    session.open()
    expect(session.canOpen).toBe(false)
  })

  it('takes the first value of each setting, and touches its streams once for a frame', () => {
    const near = peer(true)
    const stream = near.session.open()
    sendAll(near, stream, 1_000_000)
    // 2047 entries, as many as a control frame holds: turn by turn window and streams, with values that grow.
    const words = Array.from({ length: 2047 }, (_, i) => [i % 2 === 0 ? 7 : 4, initialWindow + i]).flat()
    const frame = encodeControl(4, 0, [2047, ...words])
    for (let i = 0; i < 3; i++) near.session.receive(frame, 0)
    expect([stream.sendWindow, near.session.open().sendWindow]).toEqual([0, initialWindow])
    expect(near.session.maxOutbound).toBe(1024)
    near.session.receive(encodeControl(4, 0, [3, 4, 1, 7, initialWindow + 5, 4, 2]), 0)
    expect([stream.sendWindow, near.session.maxOutbound]).toEqual([5, 1])
  })

  it('cuts payload into frames', () => {
    const { session, sent } = peer(true, { maxMessageSize: 2 })
    const stream = session.open()
    sent()
    const queue = queueOf(fromHex('010203'))
    while (queue.byteLength > 0) session.write(stream, queue, 100)
    expect(toHex(sent())).toBe('00000001' + '00000002' + '0102' + '00000001' + '00000001' + '03')
  })
})

describe('receiving', () => {
  const window = 100_000
  const limits = { streamWindow: window, connectionWindow: window }

  it('grants credit when half of a window has been read', () => {
    const { session, sent, streams, client } = opened([1], { streamWindow: window, connectionWindow: 2 * window })
    session.receive(client.data(1, new Uint8Array(window)), 0)
    session.consumed(streams.get(1)!, window / 2 - 1)
    expect(toHex(sent())).toBe('')
    session.consumed(streams.get(1)!, 1)
    // of stream 1, 50,000
    expect(toHex(sent())).toBe('80030009' + '00000008' + '00000001' + '0000c350')
    session.consumed(streams.get(1)!, window / 2)
    // of stream 1, 50,000; of the session, 100,000
    expect(toHex(sent())).toBe('800300090000000800000001' + '0000c350' + '800300090000000800000000' + '000186a0')
  })

  it('grants none to a stream that has ended', () => {
    const { session, sent, streams, client } = opened([1], { streamWindow: window, connectionWindow: 4 * window })
    session.receive(client.data(1, new Uint8Array(window), flagFin), 0)
    session.consumed(streams.get(1)!, window)
    expect(toHex(sent())).toBe('')
  })

  it('grants the session what a reset stream held, and what is thrown away', () => {
    const { session, sent, streams, client } = opened([1], limits)
    session.receive(client.data(1, new Uint8Array(60_000)), 0)
    session.reset(streams.get(1)!)
    session.receive(client.data(1, new Uint8Array(50_000)), 0)
    expect(toHex(sent())).toBe(
      // RST_STREAM; of the session, 60,000 and 50,000
      '80030003000000080000000100000005' + '8003000900000008000000000000ea60' + '8003000900000008000000000000c350'
    )
  })

  it('resets the fullest stream when the connection’s window has been used up for 10 s', () => {
    const { session, events, sent, client } = opened([1, 3], limits)
    session.receive(concat([client.data(1, new Uint8Array(40_000)), client.data(3, new Uint8Array(60_000))]), 100)
    expect(session.wakeAt).toBe(100 + maxFull)
    // What the remote says is still heard.
    expect(events).toEqual(['data 1 40000', 'data 3 60000'])
    session.tick(99 + maxFull)
    session.tick(100 + maxFull)
    expect(events.slice(2)).toEqual(['reset 3'])
    expect(toHex(sent())).toContain('80030003' + '00000008' + '00000003' + '00000005')
    expect([session.buffered, session.wakeAt]).toEqual([40_000, Number.POSITIVE_INFINITY])
  })

  it('grants what was read, though it is little, before it resets a stream', () => {
    const { session, events, sent, streams, client } = opened([1, 3], limits)
    session.receive(concat([client.data(1, new Uint8Array(40_000)), client.data(3, new Uint8Array(60_000))]), 0)
    session.consumed(streams.get(1)!, 10)
    expect(toHex(sent())).toBe('')
    session.tick(maxFull)
    expect(toHex(sent())).toBe('800300090000000800000000' + '0000000a')
    expect(events).toHaveLength(2)
  })

  it('stops the connection for a remote that counts nothing', () => {
    const { session, events, streams, client } = opened([1], limits, false)
    session.receive(encodeDataHeader(1, 0, 3 * window), 0)
    session.receive(new Uint8Array(window), 0)
    expect(events.at(-1)).toBe('pause')
    session.receive(new Uint8Array(10), 0)
    session.consumed(streams.get(1)!, window / 2 + 10)
    expect(events.at(-1)).toBe('resume')
    expect(session.wakeAt).toBe(Number.POSITIVE_INFINITY)
    session.receive(concat([new Uint8Array(2 * window - 10), client.open(3)]), 0)
    expect(events.slice(-2)).toEqual(['pause', 'open 3'])
    session.tick(maxFull)
    expect(events.slice(-2)).toEqual(['resume', 'reset 1'])
    expect(session.buffered).toBe(0)
  })
})

describe('a frame that comes byte by byte', () => {
  const ping = fromHex('800300060000000400000001')

  it.each([1, 9])('ends the session when what follows %i bytes does not come in time', length => {
    const { session } = peer(false)
    session.receive(ping.subarray(0, length), 100)
    session.receive(ping.subarray(length, length + 1), 5000)
    expect(session.wakeAt).toBe(100 + maxFrameTime)
    session.tick(99 + maxFrameTime)
    expect(() => session.tick(100 + maxFrameTime)).toThrow(failure('ERR_SPDY_FRAME_TIMEOUT'))
  })

  it('may take that long again once it is complete, and any time while this side does not read', () => {
    const { session } = peer(false)
    session.receive(ping.subarray(0, 11), 0)
    session.receive(concat([ping.subarray(11), ping.subarray(0, 1)]), 9000)
    expect(session.wakeAt).toBe(9000 + maxFrameTime)
    session.readsPaused = true
    session.tick(9000 + maxFrameTime)
    session.readsPaused = false
    expect(session.wakeAt).toBe(9000 + 2 * maxFrameTime)
    session.receive(ping.subarray(1), 20_000)
    expect(session.wakeAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('expects nothing behind a header of payload', () => {
    const { session } = opened([1])
    session.receive(fromHex('00000001' + '00000005' + 'aa'), 0)
    expect(session.wakeAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('holds no more than the largest control frame', () => {
    const { session } = peer(false)
    session.receive(encodeControl(0xffff, 0, [], new Uint8Array(maxControlLength)), 0)
    const header = encodeControl(0xffff, 0, [], new Uint8Array(maxControlLength + 1)).subarray(0, 8)
    expect(() => session.receive(header, 0)).toThrow(failure('ERR_SPDY_LENGTH'))
  })
})

describe('properties', () => {
  it('survives any bytes, with its own error', () => {
    const { open } = remote()
    const prefix = concat([fromHex(settings), open(1)])
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.uint8Array({ maxLength: 64 })), (begun, chunks) => {
        const { session } = peer(false)
        if (begun) session.receive(prefix, 0)
        try {
          for (const chunk of chunks) session.receive(chunk, 0)
        } catch (error) {
          expect(error).toBeInstanceOf(SpdyError)
        }
      })
    )
  })

  it('tells the same however the bytes are cut', () => {
    const { open, data } = remote()
    const frames = concat([
      fromHex(settings),
      open(1),
      data(1, fromHex('0102030405')),
      fromHex('800300060000000400000001'),
      open(3),
      data(3, fromHex('6f'), flagFin),
      encodeControl(3, 0, [1, 5])
    ])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), cuts => {
        const { session, events, received } = peer(false)
        for (let at = 0, i = 0; at < frames.length; i++) {
          const end = at + cuts[i % cuts.length]!
          session.receive(frames.subarray(at, end), 0)
          at = end
        }
        expect(events.filter(event => !event.startsWith('data'))).toEqual(['open 1', 'open 3', 'end 3', 'reset 1'])
        expect(toHex(received.get(1)!)).toBe('0102030405')
        expect(toHex(received.get(3)!)).toBe('6f')
      })
    )
  })

  it('never exceeds a window and loses nothing, whatever two sides do', () => {
    const stream = fc.nat()
    const command = fc.oneof(
      fc.record({ kind: fc.constant('open' as const) }),
      fc.record({ kind: fc.constant('write' as const), stream, length: fc.integer({ min: 1, max: 300_000 }) }),
      fc.record({ kind: fc.constant('read' as const), stream, part: fc.double({ min: 0, max: 1, noNaN: true }) }),
      fc.record({ kind: fc.constant('finish' as const), stream }),
      fc.record({ kind: fc.constant('reset' as const), stream }),
      fc.record({ kind: fc.constant('deliver' as const) })
    )
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), commands => {
        const limits = { streamWindow: 100_000, connectionWindow: 150_000 }
        const [a, b] = [peer(true, limits), peer(false, limits)]
        const all: Array<{ state: StreamState<number>; queue: ByteQueue; written: number }> = []
        const deliver = (): void => {
          b.session.receive(a.sent(), 0)
          a.session.receive(b.sent(), 0)
        }
        const unread = (): number => {
          let sum = 0
          for (const { receive } of b.streams.values()) sum += receive.buffered
          return sum
        }
        for (const step of commands) {
          const target = 'stream' in step && all.length > 0 ? all[step.stream % all.length]! : undefined
          const inbound = target && b.streams.get(target.state.id)
          if (step.kind === 'open') all.push({ state: a.session.open(), queue: new ByteQueue(), written: 0 })
          else if (step.kind === 'deliver') deliver()
          else if (target === undefined) continue
          else if (step.kind === 'write') {
            if (target.state.localFin || b.events.includes(`reset ${target.state.id}`)) continue
            target.queue.push(new Uint8Array(step.length).fill(target.state.id))
            const before = target.queue.byteLength
            while (a.session.write(target.state, target.queue, 65_536) && target.queue.byteLength > 0);
            target.written += before - target.queue.byteLength
          } else if (step.kind === 'finish') a.session.finish(target.state)
          else if (inbound === undefined) continue
          else if (step.kind === 'read') b.session.consumed(inbound, Math.floor(inbound.receive.buffered * step.part))
          else b.session.reset(inbound)
          for (const { state } of all) expect(state.sendWindow).toBeGreaterThanOrEqual(0)
          expect(b.session.buffered).toBe(unread())
          expect(b.session.buffered).toBeLessThanOrEqual(limits.connectionWindow)
        }
        deliver()
        deliver()
        for (const { state, written } of all) {
          const got = b.received.get(state.id)?.byteLength ?? 0
          expect(got).toBeLessThanOrEqual(written)
          if (b.streams.get(state.id)?.remoteFin === true) expect(got).toBe(written)
        }
      }),
      { numRuns: 50 }
    )
  })
})
