/** An mplex session under the bytes of a remote and the calls of its adapter: limits hold, and cuts change nothing. */
import { ByteQueue } from '@weft/bytes'
import { defaultLimits } from '../../packages/muxers/multiplex/src/core/limits.ts'
import { Session } from '../../packages/muxers/multiplex/src/core/session.ts'
import type { StreamState } from '../../packages/muxers/multiplex/src/core/stream-state.ts'

export const name = 'multiplex-session'

const limits = {
  ...defaultLimits,
  maxInboundStreams: 8,
  maxOutboundStreams: 4,
  maxMessageSize: 300,
  maxStreamBuffer: 64,
  maxConnectionBuffer: 128
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
  const whole = new Driven(true)
  whole.receive(bytes)
  const pieces = new Driven(true)
  for (let at = 0; at < bytes.byteLength; at += size) pieces.receive(bytes.subarray(at, at + size))
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
    else if (operation % 8 === 4) driven.now += operation * 10
    else if (stream !== undefined) driven.act(stream, operation % 8)
  }
}

class Driven {
  now = 0
  failed = false
  /** What happened, in short. */
  trace = ''
  readonly streams: Stream[] = []
  private readonly _reads: boolean
  private readonly _session: Session<undefined>
  /** What the session says of unread bytes, counted here. */
  private readonly _unread = new Map<Stream, number>()
  private _queued = 0
  private _paused = false

  constructor(reads: boolean) {
    this._reads = reads
    const over = (what: string) => (stream: Stream) => {
      this._note(what, stream)
      if (what !== 'end') this._unread.delete(stream)
    }
    this._session = new Session<undefined>(
      true,
      limits,
      { push: chunk => void (this._queued += chunk.byteLength) },
      {
        admit: () => true,
        onOpen: stream => {
          this.streams.push(stream)
          this._note('open', stream)
        },
        onData: (stream, payload) => {
          if (payload.byteLength === 0) throw new Error('an empty payload')
          this._unread.set(stream, (this._unread.get(stream) ?? 0) + payload.byteLength)
          for (const byte of payload) this.trace += `${stream.outbound ? 'i' : 'r'}${stream.id}=${byte} `
          if (this._reads) this._read(stream)
        },
        onEnd: over('end'),
        onReset: over('reset'),
        onPause: () => {
          if (this._paused) throw new Error('paused twice')
          this._paused = true
        },
        onResume: () => {
          if (!this._paused) throw new Error('resumed what was not paused')
          this._paused = false
        },
        onAbort: over('overflow')
      }
    )
    this.open()
  }

  open(): void {
    if (this._session.canOpen) this.streams.push(this._session.open())
  }

  receive(chunk: Uint8Array): void {
    if (this.failed) return
    const before = this._queued
    try {
      this._session.receive(chunk, this.now)
    } catch (error) {
      const { name, code } = error as Error & { code: string }
      if (name !== 'MplexError') throw error
      this.failed = true
      this.trace += code
    }
    if (this._queued - before > 12 * (chunk.byteLength + 1))
      throw new Error('an answer is much longer than what was asked')
    this._check()
  }

  act(stream: Stream, operation: number): void {
    if (operation === 5) this._session.finish(stream)
    else if (operation === 6) this._session.reset(stream)
    else if (this._unread.has(stream)) this._read(stream)
    else {
      const queue = new ByteQueue()
      queue.push(new Uint8Array(10))
      this._session.write(stream, queue, 7)
      if (queue.byteLength !== 3) throw new Error('a frame is not of the size asked for')
    }
    this._check()
  }

  private _read(stream: Stream): void {
    this._session.consumed(stream, this._unread.get(stream) ?? 0)
    this._unread.delete(stream)
  }

  private _note(what: string, stream: Stream): void {
    this.trace += `${what} ${stream.outbound ? 'i' : 'r'}${stream.id} `
  }

  private _check(): void {
    const { buffered, inboundCount } = this._session
    if (buffered < 0 || buffered > limits.maxConnectionBuffer) throw new Error(`${buffered} bytes are buffered`)
    if (inboundCount > limits.maxInboundStreams) throw new Error(`${inboundCount} streams are open`)
    let sum = 0
    for (const stream of this.streams) {
      if (stream.buffered < 0 || stream.buffered > limits.maxStreamBuffer) throw new Error('a stream holds too much')
      sum += stream.buffered
    }
    if (sum !== buffered) throw new Error(`streams hold ${sum} bytes, the connection counts ${buffered}`)
  }
}
