import type { EventHandler, MessageStream, Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { StreamStateError } from '@weft/errors'
import { Uint8ArrayList } from 'uint8arraylist'
import { type BytePipe, type ByteSink, bytesSymbol } from './byte-pipe.ts'

/** The pipe of a stream: its own, or one built on the events of the contract. */
export function openPipe(stream: MessageStream): BytePipe {
  const own = (stream as { [bytesSymbol]?: BytePipe })[bytesSymbol]
  return own ?? new EventPipe(stream)
}

/** The byte path over a stream that only has events. */
class EventPipe implements BytePipe {
  readonly #stream: MessageStream
  #sink: ByteSink | undefined
  #ended = false
  #remoteEnded = false
  /** The list that is being handed out, and how far. */
  #chunks: Uint8Array[] = []
  #next = 0

  constructor(stream: MessageStream) {
    this.#stream = stream
  }

  attach(sink: ByteSink): void {
    if (this.#sink !== undefined) throw new StreamStateError('the stream has a reader already')
    this.#sink = sink
    // Each reader is told of the end.
    this.#ended = false
    const stream = this.#stream
    stream.addEventListener('message', this.#onMessage)
    stream.addEventListener('drain', this.#onDrain)
    stream.addEventListener('remoteCloseWrite', this.#onRemoteEnd)
    stream.addEventListener('close', this.#onClose)
    // Events of the past are not repeated.
    queueMicrotask(() => {
      if (this.#sink !== sink) return
      if (stream.status === 'closed' || stream.status === 'aborted' || stream.status === 'reset') {
        this.#finish(undefined)
      } else this.#endIfRead()
    })
  }

  detach(unread?: Uint8Array): void {
    const stream = this.#stream
    stream.removeEventListener('message', this.#onMessage)
    stream.removeEventListener('drain', this.#onDrain)
    stream.removeEventListener('remoteCloseWrite', this.#onRemoteEnd)
    stream.removeEventListener('close', this.#onClose)
    this.#sink = undefined
    // Detached in the middle of a list: the rest is for the next reader, behind what this one did not use.
    const left = this.#chunks.slice(this.#next)
    this.#chunks = []
    if (unread !== undefined && unread.byteLength > 0) left.unshift(unread)
    if (left.length > 0) stream.unshift(new Uint8ArrayList(...left))
  }

  writev(chunks: readonly Uint8Array[]): boolean {
    return this.#stream.send(chunks.length === 1 ? chunks[0]! : new Uint8ArrayList(...chunks))
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  readonly #onMessage: EventHandler<StreamMessageEvent> = (event: StreamMessageEvent) => {
    this.#chunks = event.data instanceof Uint8Array ? [event.data] : [...event.data]
    this.#next = 0
    while (this.#next < this.#chunks.length) this.#sink?.onBytes(this.#chunks[this.#next++]!)
    this.#chunks = []
    this.#endIfRead()
  }

  /** The end may have come before this reader, or before what was put back for it. */
  #endIfRead(): void {
    const stream: Partial<Stream> = this.#stream
    const remoteEnded = this.#remoteEnded || stream.remoteWriteStatus === 'closed'
    if (remoteEnded && stream.readBufferLength === 0) this.#onEnd()
  }

  readonly #onDrain = (): void => this.#sink?.onDrain()

  /** It is told at once, also while bytes wait for a reader that has paused. */
  readonly #onRemoteEnd = (): void => {
    this.#remoteEnded = true
    this.#endIfRead()
  }

  readonly #onEnd = (): void => {
    if (this.#ended) return
    this.#ended = true
    this.#sink?.onEnd()
  }

  readonly #onClose: EventHandler<StreamCloseEvent> = (event: StreamCloseEvent) => this.#finish(event.error)

  #finish(error: Error | undefined): void {
    if (error === undefined) this.#onEnd()
    const sink = this.#sink
    this.#chunks = []
    this.detach()
    sink?.onClose(error)
  }
}
