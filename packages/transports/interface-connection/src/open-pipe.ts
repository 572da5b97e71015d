import type { EventHandler, MessageStream, Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { StreamStateError } from '@weft/errors'
import { Uint8ArrayList } from 'uint8arraylist'
import { type BytePipe, type ByteSink, bytesSymbol } from '@weft/bytes'
import { guarded } from './guard.ts'

/** The pipe of a stream: its own, or one built on the events of the contract. */
export function openPipe(stream: MessageStream): BytePipe {
  const own = (stream as { [bytesSymbol]?: BytePipe })[bytesSymbol]
  return own ?? new EventPipe(stream)
}

/** The byte path over a stream that only has events. */
class EventPipe implements BytePipe {
  private readonly _stream: MessageStream
  private _sink: ByteSink | undefined
  private _ended = false
  private _remoteEnded = false
  /** The list that is being handed out, and how far. */
  private _chunks: Uint8Array[] = []
  private _next = 0

  private readonly _onMessage: EventHandler<StreamMessageEvent>
  private readonly _onDrain: () => void
  private readonly _onRemoteEnd: () => void
  private readonly _onClose: EventHandler<StreamCloseEvent>

  constructor(stream: MessageStream) {
    this._stream = stream
    // The platform's event target hands what a listener throws to the process.
    this._onMessage = guarded(stream, (event: StreamMessageEvent) => this._read(event))
    this._onDrain = guarded(stream, () => this._sink?.onDrain())
    // It is told at once, also while bytes wait for a reader that has paused.
    this._onRemoteEnd = guarded(stream, () => {
      this._remoteEnded = true
      this._endIfRead()
    })
    this._onClose = guarded(stream, (event: StreamCloseEvent) => this._finish(event.error))
  }

  attach(sink: ByteSink): void {
    if (this._sink !== undefined) throw new StreamStateError('the stream has a reader already')
    this._sink = sink
    // Each reader is told of the end.
    this._ended = false
    const stream = this._stream
    stream.addEventListener('message', this._onMessage)
    stream.addEventListener('drain', this._onDrain)
    stream.addEventListener('remoteCloseWrite', this._onRemoteEnd)
    stream.addEventListener('close', this._onClose)
    // Events of the past are not repeated.
    const lookBack = guarded(stream, () => {
      if (this._sink !== sink) return
      if (stream.status === 'closed' || stream.status === 'aborted' || stream.status === 'reset') {
        this._finish(undefined)
      } else this._endIfRead()
    })
    queueMicrotask(lookBack)
  }

  detach(unread?: Uint8Array): void {
    const stream = this._stream
    stream.removeEventListener('message', this._onMessage)
    stream.removeEventListener('drain', this._onDrain)
    stream.removeEventListener('remoteCloseWrite', this._onRemoteEnd)
    stream.removeEventListener('close', this._onClose)
    this._sink = undefined
    // Detached in the middle of a list: the rest is for the next reader, behind what this one did not use.
    const left = this._chunks.slice(this._next)
    this._chunks = []
    if (unread !== undefined && unread.byteLength > 0) left.unshift(unread)
    if (left.length > 0) stream.unshift(new Uint8ArrayList(...left))
  }

  writev(chunks: readonly Uint8Array[]): boolean {
    return this._stream.send(chunks.length === 1 ? chunks[0]! : new Uint8ArrayList(...chunks))
  }

  pause(): void {
    this._stream.pause()
  }

  resume(): void {
    this._stream.resume()
  }

  private _read(event: StreamMessageEvent): void {
    this._chunks = event.data instanceof Uint8Array ? [event.data] : [...event.data]
    this._next = 0
    while (this._next < this._chunks.length) this._sink?.onBytes(this._chunks[this._next++]!)
    this._chunks = []
    this._endIfRead()
  }

  /** The end may have come before this reader, or before what was put back for it. */
  private _endIfRead(): void {
    const stream: Partial<Stream> = this._stream
    const remoteEnded = this._remoteEnded || stream.remoteWriteStatus === 'closed'
    if (remoteEnded && stream.readBufferLength === 0) this._onEnd()
  }

  private _onEnd(): void {
    if (this._ended) return
    this._ended = true
    this._sink?.onEnd()
  }

  private _finish(error: Error | undefined): void {
    if (error === undefined) this._onEnd()
    const sink = this._sink
    this._chunks = []
    this.detach()
    sink?.onClose(error)
  }
}
