/** Which protocol a new stream speaks: multistream-select on the streams of a connection. */
import type { MessageStream, Stream } from '@libp2p/interface'
import type { Timeout, TimeoutQueue } from '@weft/collections'
import { ProtocolError, TimeoutError } from '@weft/errors'
import { type BytePipe, type ByteSink, onceOver, openPipe } from '@weft/interface-connection'
import { OptimisticSelection, Responder, select } from '@weft/multistream'

/** Agrees on one of `protocols` before anything else is sent. Rejects with `UnsupportedProtocolError` if there is none. */
export async function negotiate(stream: Stream, protocols: string[], signal: AbortSignal | undefined): Promise<string> {
  return select(openPipe(stream), protocols, signal === undefined ? {} : { signal })
}

/**
 * Proposes the one protocol and leaves the stream to its user at once: the proposal leaves in the same write as the
 * first data. A refusal aborts the stream with `UnsupportedProtocolError`, which `onRefused` hears first.
 */
export function proposeOptimistically(
  stream: Stream,
  protocol: string,
  timeouts: TimeoutQueue,
  onRefused: () => void
): void {
  const selection = new OptimisticSelection(protocol)
  const timeout = timeouts.add(() => stream.abort(new TimeoutError(`the remote did not agree to ${protocol}`)))
  // A stream that ends before the answer must not be held until the timeout.
  onceOver(stream, () => timeout.clear())
  openPipe(stream).propose?.(selection.prefix, chunk => {
    try {
      const step = selection.receive(chunk)
      if (step.done) timeout.clear()
      return step
    } catch (error) {
      onRefused()
      throw error
    }
  })
}

/** Whether a stream can go on before the remote has agreed. */
export function mayPropose(stream: MessageStream): boolean {
  return openPipe(stream).propose !== undefined
}

/** What the streams of a connection have in common while they are negotiated. */
export interface Negotiations {
  readonly supports: (protocol: string) => boolean
  readonly timeouts: TimeoutQueue
  /** Whether the remote lets the listener speak first. */
  readonly remoteWaits: boolean
  /** Called in the same turn in which the proposal arrives. */
  readonly onSelected: (stream: Stream, protocol: string) => void
}

/** Answers the remote's proposals. On failure the stream is aborted. */
export function respond(stream: Stream, negotiations: Negotiations): void {
  const pipe = openPipe(stream)
  const negotiation = new InboundNegotiation(stream, pipe, negotiations)
  pipe.attach(negotiation)
  if (negotiations.remoteWaits) negotiation.greet()
}

/** An object with methods instead of functions: a remote may have a thousand streams that it says nothing on. */
class InboundNegotiation implements ByteSink {
  private readonly _stream: Stream
  private readonly _pipe: BytePipe
  private readonly _negotiations: Negotiations
  private readonly _responder: Responder
  private readonly _timeout: Timeout

  constructor(stream: Stream, pipe: BytePipe, negotiations: Negotiations) {
    this._stream = stream
    this._pipe = pipe
    this._negotiations = negotiations
    this._responder = new Responder(negotiations.supports)
    this._timeout = negotiations.timeouts.add(() =>
      stream.abort(new TimeoutError('the remote did not agree on a protocol'))
    )
  }

  greet(): void {
    try {
      const header = this._responder.greet()
      if (header !== undefined) this._pipe.writev([header])
    } catch (error) {
      this._fail(error)
    }
  }

  onBytes(chunk: Uint8Array): void {
    try {
      const step = this._responder.receive(chunk)
      if (step?.reply !== undefined) this._pipe.writev([step.reply])
      if (step?.protocol === undefined) return
      this._timeout.clear()
      this._pipe.detach(step.rest)
      this._negotiations.onSelected(this._stream, step.protocol)
    } catch (error) {
      this._fail(error)
    }
  }

  onDrain(): void {}

  onEnd(): void {
    this._fail(new ProtocolError('the remote ended the stream before it named a protocol'))
  }

  onClose(): void {
    this._timeout.clear()
  }

  private _fail(error: unknown): void {
    this._timeout.clear()
    this._stream.abort(error as Error)
  }
}
