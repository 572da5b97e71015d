/** A SPDY session under the bytes of a remote and the calls of its adapter: limits hold, and cuts change nothing. */
import { ByteQueue } from '@weft/bytes'
import { maxFull } from '../../packages/muxers/spdy/src/core/limits.ts'
import { Session } from '../../packages/muxers/spdy/src/core/session.ts'
import type { StreamState } from '../../packages/muxers/spdy/src/core/stream-state.ts'
import { ZlibHeaders } from '../../packages/muxers/spdy/src/header-compression.ts'

export const name = 'spdy-session'

const limits = {
  maxInboundStreams: 8,
  maxOutboundStreams: 4,
  maxMessageSize: 300,
  // Smaller than any adapter would have them: so that few bytes reach them.
  streamWindow: 64,
  connectionWindow: 128
}

type Stream = StreamState<undefined>

/**
 * The first byte says how the bytes are cut and whether the streams are read. Then either all is the remote's, or each
 * operation is a byte, the ones that receive with a length and that many bytes behind it.
 */
export function fuzz(input: Uint8Array): void {
  const first = input[0] ?? 0
  const bytes = input.subarray(1)
  if (first >= 128) operations(bytes, first % 2 === 0)
  else sameHoweverCut(bytes, 1 + (first % 16))
}

function sameHoweverCut(bytes: Uint8Array, size: number): void {
  const whole = new Driven(false)
  whole.receive(bytes)
  const pieces = new Driven(false)
  for (let at = 0; at < bytes.byteLength; at += size) pieces.receive(bytes.subarray(at, at + size))
  // What is thrown away is granted again when half of the window is free, which may be in the middle of a frame.
  if (whole.windowExceeded || pieces.windowExceeded) return
  if (whole.trace !== pieces.trace) throw new Error(`the cuts change what happens: ${whole.trace} and ${pieces.trace}`)
}

function operations(bytes: Uint8Array, reads: boolean): void {
  const driven = new Driven(reads)
  for (let at = 0; at < bytes.byteLength && !driven.failed; ) {
    const operation = bytes[at++]!
    const stream = driven.streams[(operation >> 3) % Math.max(1, driven.streams.length)]
    if (operation % 8 < 3) {
      const length = bytes[at++] ?? 0
      driven.receive(bytes.subarray(at, at + length))
      at += length
    } else if (operation % 8 === 3) driven.open()
    else if (operation % 8 === 4) driven.wait(operation * 100)
    else if (stream !== undefined) driven.act(stream, operation % 8)
  }
}

class Driven {
  failed = false
  windowExceeded = false
  /** What happened, in short. */
  trace = ''
  readonly streams: Stream[] = []
  private readonly _reads: boolean
  private readonly _session: Session<undefined>
  /** What the session says of unread bytes, counted here. */
  private readonly _unread = new Map<Stream, number>()
  private _now = 0
  private _queued = 0
  private _paused = false

  constructor(reads: boolean) {
    this._reads = reads
    this._session = new Session<undefined>(
      true,
      limits,
      new ZlibHeaders(),
      { push: chunk => void (this._queued += chunk.byteLength) },
      {
        admit: () => true,
        mayHoldUnread: () => 0,
        onOpen: stream => {
          this.streams.push(stream)
          this._note('open', stream)
        },
        onData: (stream, payload) => {
          if (payload.byteLength === 0) throw new Error('an empty payload')
          this._unread.set(stream, (this._unread.get(stream) ?? 0) + payload.byteLength)
          for (const byte of payload) this.trace += `${stream.id}=${byte} `
          if (this._reads) this._read(stream)
        },
        onEnd: stream => this._note('end', stream),
        onReset: stream => {
          this._note('reset', stream)
          this._unread.delete(stream)
        },
        onCredit: () => {},
        onPause: () => this._pause(true),
        onResume: () => this._pause(false),
        onGoAway: reason => void (this.trace += `go away ${reason} `)
      }
    )
    this.open()
  }

  open(): void {
    if (this._session.canOpen && !this._session.isExhausted) this.streams.push(this._session.open())
  }

  receive(chunk: Uint8Array): void {
    if (this.failed) return
    const before = this._queued
    this._guard(() => this._session.receive(chunk, this._now))
    // SYN_REPLY to the shortest SYN_STREAM, and credit for each byte thrown away.
    if (this._queued - before > 100 + 16 * chunk.byteLength)
      throw new Error('an answer is much longer than what was asked')
  }

  wait(milliseconds: number): void {
    this._now += milliseconds
    this._guard(() => this._session.tick(this._now))
    if (this._session.wakeAt > this._now + maxFull && this._session.wakeAt !== Number.POSITIVE_INFINITY) {
      throw new Error('wakes too late')
    }
  }

  act(stream: Stream, operation: number): void {
    if (operation === 5) this._session.finish(stream)
    else if (operation === 6) this._session.reset(stream)
    else if (this._unread.has(stream)) this._read(stream)
    else this._write(stream)
    this._check()
  }

  private _write(stream: Stream): void {
    const before = stream.sendWindow
    const queue = new ByteQueue()
    queue.push(new Uint8Array(10))
    const mayGoOn = this._session.write(stream, queue, 7)
    const written = 10 - queue.byteLength
    if (written > 7 || before - stream.sendWindow !== written) throw new Error('a frame is not of the size asked for')
    if (mayGoOn && written === 0) throw new Error('nothing is written, though more may be')
  }

  private _guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      const { name: errorName, code } = error as Error & { code: string }
      if (errorName !== 'SpdyError') throw error
      this.failed = true
      this.windowExceeded = code === 'ERR_SPDY_WINDOW_EXCEEDED'
      this.trace += code
    }
    this._check()
  }

  private _read(stream: Stream): void {
    this._session.consumed(stream, this._unread.get(stream) ?? 0)
    this._unread.delete(stream)
  }

  private _pause(isPaused: boolean): void {
    if (this._paused === isPaused) throw new Error('paused or resumed twice')
    this._paused = isPaused
  }

  private _note(what: string, stream: Stream): void {
    this.trace += `${what} ${stream.id} `
  }

  private _check(): void {
    const { buffered, inboundCount } = this._session
    if (inboundCount > limits.maxInboundStreams) throw new Error(`${inboundCount} streams are open`)
    let sum = 0
    for (const stream of this.streams) {
      if (stream.receive.buffered < 0) throw new Error('a stream holds less than nothing')
      sum += stream.receive.buffered
    }
    if (sum !== buffered) throw new Error(`streams hold ${sum} bytes, the connection counts ${buffered}`)
    // Of a remote that counts nothing this is the moment to read no more; the chunk that was read is still handed on.
    if (buffered > limits.connectionWindow && !this._paused) throw new Error(`${buffered} bytes are buffered`)
  }
}
