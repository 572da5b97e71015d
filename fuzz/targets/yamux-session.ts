/** A yamux session under the bytes of a remote, the calls of its adapter and its clock: windows and limits hold. */
import { ByteQueue } from '@weft/bytes'
import { initialWindow } from '../../packages/muxers/yamux/src/core/frame.ts'
import { defaultLimits, maxUnacknowledged } from '../../packages/muxers/yamux/src/core/limits.ts'
import { Session } from '../../packages/muxers/yamux/src/core/session.ts'
import type { StreamState } from '../../packages/muxers/yamux/src/core/stream-state.ts'

export const name = 'yamux-session'

const limits = {
  ...defaultLimits,
  maxInboundStreams: 8,
  maxOutboundStreams: 4,
  maxStreamWindow: 2 * initialWindow,
  maxWindowGrowth: 4 * initialWindow,
  maxConnectionWindow: 3 * initialWindow
}
const maxWindow = 2 ** 32 - 1
const headerLength = 12
const zeros = new Uint8Array(256 * 1024)

type Stream = StreamState<undefined>

/**
 * The first byte says how the bytes are cut and whether the streams are read. Then either all is the remote's, or each
 * operation is a byte, the ones that receive with what they need behind it.
 */
export function fuzz(input: Uint8Array): void {
  const first = input[0] ?? 0
  const bytes = input.subarray(1)
  if (first >= 64) operations(bytes, first % 2 === 0)
  else sameHoweverCut(bytes, 1 + (first % 16))
}

function sameHoweverCut(bytes: Uint8Array, size: number): void {
  const whole = new Driven(true, true)
  whole.receive(bytes)
  const pieces = new Driven(true, true)
  for (let at = 0; at < bytes.byteLength; at += size) pieces.receive(bytes.subarray(at, at + size))
  if (whole.trace !== pieces.trace) throw new Error(`the cuts change what happens: ${whole.trace} and ${pieces.trace}`)
}

function operations(bytes: Uint8Array, reads: boolean): void {
  const driven = new Driven(reads, false)
  for (let at = 0; at < bytes.byteLength && !driven.failed; ) {
    const operation = bytes[at++]!
    const stream = driven.streams[(operation >> 3) % Math.max(1, driven.streams.length)]
    if (operation % 8 === 0) {
      const length = bytes[at++] ?? 0
      driven.receive(bytes.subarray(at, at + length))
      at += length
    } else if (operation % 8 === 1) {
      // A data frame as long as the operation says, which few bytes of input could not carry.
      driven.receiveData(bytes[at++] ?? 0, (bytes[at++] ?? 0) * 1024)
    } else if (operation % 8 === 2) driven.open()
    else if (operation % 8 === 3) driven.tick((bytes[at++] ?? 0) * 200)
    else if (stream !== undefined) driven.act(stream, operation % 8)
  }
}

class Driven {
  failed = false
  /** What happened, in short. */
  trace = ''
  readonly streams: Stream[] = []
  private readonly _reads: boolean
  private readonly _session: Session<undefined>
  /** Bytes handed out and not yet given back. */
  private readonly _unread = new Map<Stream, number>()
  private _now = 0
  private _queued = 0
  private _paused = false

  constructor(reads: boolean, traced: boolean) {
    this._reads = reads
    const note = (what: string) => (stream: Stream) => void (this.trace += `${what} ${stream.id} `)
    this._session = new Session<undefined>(
      true,
      limits,
      { push: chunk => void (this._queued += chunk.byteLength) },
      {
        admit: () => true,
        growWindow: () => true,
        shrinkWindow: () => {},
        isShort: () => false,
        mayHoldUnread: () => 2 * initialWindow,
        onOpen: stream => {
          this.streams.push(stream)
          note('open')(stream)
        },
        onData: (stream, payload) => {
          if (payload.byteLength === 0) throw new Error('an empty payload')
          this._unread.set(stream, (this._unread.get(stream) ?? 0) + payload.byteLength)
          if (traced) for (const byte of payload) this.trace += `${stream.id}=${byte} `
          if (this._reads) this._read(stream)
        },
        onEnd: note('end'),
        onReset: note('reset'),
        onCredit: stream => {
          if (stream.sendWindow <= 0) throw new Error('credit of nothing')
        },
        onSlot: () => {},
        onPause: () => {
          if (this._paused) throw new Error('paused twice')
          this._paused = true
        },
        onResume: () => {
          if (!this._paused) throw new Error('resumed what was not paused')
          this._paused = false
        },
        onGoAway: () => {}
      },
      0
    )
    this.open()
  }

  open(): void {
    if (this._session.canOpen && !this._session.isExhausted) {
      this.streams.push(this._session.open(this._now))
    }
  }

  tick(later: number): void {
    this._now += later
    if (this._now >= this._session.wakeAt) this._guard(() => this._session.tick(this._now))
    this._check()
  }

  receive(chunk: Uint8Array): void {
    if (this.failed) return
    const before = this._queued
    this._guard(() => this._session.receive(chunk, this._now))
    // A frame is answered by a frame; a body may free a window as well.
    const answered = this._queued - before
    const allowed = 2 * headerLength * (2 + Math.ceil(chunk.byteLength / headerLength))
    if (answered > allowed) throw new Error(`${chunk.byteLength} bytes are answered by ${answered}`)
    this._check()
  }

  receiveData(id: number, length: number): void {
    const header = new Uint8Array(headerLength)
    header[7] = id
    new DataView(header.buffer).setUint32(8, length)
    this.receive(header)
    if (length > 0) this.receive(zeros.subarray(0, length))
  }

  act(stream: Stream, operation: number): void {
    if (operation === 4) this._session.finish(stream)
    else if (operation === 5) this._session.reset(stream)
    else if (operation === 6) this._read(stream)
    else this._write(stream)
    this._check()
  }

  private _write(stream: Stream): void {
    const queue = new ByteQueue()
    queue.push(zeros.subarray(0, 100_000))
    const window = stream.sendWindow
    this._session.write(stream, queue, 40_000)
    const sent = 100_000 - queue.byteLength
    if (sent > 40_000 || sent !== window - stream.sendWindow)
      throw new Error('what is sent is not what the window lost')
  }

  private _read(stream: Stream): void {
    const length = this._unread.get(stream) ?? 0
    this._unread.delete(stream)
    if (length > 0) this._session.consumed(stream, length, () => this._now)
  }

  private _guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      const { name, code } = error as Error & { code: string }
      if (name !== 'YamuxError') throw error
      this.failed = true
      this.trace += code
    }
  }

  private _check(): void {
    const { buffered, outboundCount } = this._session
    if (buffered < 0) throw new Error(`${buffered} bytes are buffered`)
    if (outboundCount > limits.maxOutboundStreams || outboundCount > maxUnacknowledged)
      throw new Error('too many streams')
    let sum = 0
    let grown = 0
    let ahead = 0
    for (const stream of this.streams) {
      const { sendWindow, receiveWindow, targetWindow, buffered: held, ahead: more } = stream
      if (sendWindow < 0 || sendWindow > maxWindow) throw new Error(`a send window is ${sendWindow}`)
      if (receiveWindow < 0) throw new Error(`a receive window is ${receiveWindow}`)
      if (held < 0 || held > limits.maxStreamWindow) throw new Error(`a stream holds ${held} bytes`)
      if (targetWindow > limits.maxStreamWindow) throw new Error(`a window grew to ${targetWindow}`)
      // What the remote may send and what it has sent is at most the window, once granted, and what nobody reads yet.
      if (held > 0 && receiveWindow + held > targetWindow + more)
        throw new Error('more credit was granted than the window holds')
      sum += held
      ahead += more
      grown += targetWindow - initialWindow
    }
    if (sum !== buffered) throw new Error(`streams hold ${sum} bytes, the connection counts ${buffered}`)
    if (grown > limits.maxWindowGrowth) throw new Error(`windows grew by ${grown}`)
    if (ahead > limits.maxConnectionWindow / 2) throw new Error(`${ahead} bytes are granted ahead`)
    if (buffered > limits.maxConnectionWindow && !this._paused) throw new Error('a full connection is still read')
  }
}
