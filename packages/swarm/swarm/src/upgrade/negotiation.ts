/** Which protocol a new stream speaks: multistream-select on the streams of a connection. */
import type { MessageStream, Stream } from '@libp2p/interface'
import type { Timeout, TimeoutQueue } from '@weft/collections'
import { ProtocolError, TimeoutError, UnsupportedProtocolError, withoutStackTraces } from '@weft/errors'
import { type BytePipe, type ByteSink, onceOver, openPipe, type ProposalStep } from '@weft/interface-connection'
import { OptimisticSelection, Responder, select } from '@weft/multistream'

/** Agrees on one of `protocols` before anything else is sent. Rejects with `UnsupportedProtocolError` if there is none. */
export async function negotiate(stream: Stream, protocols: string[], signal: AbortSignal | undefined): Promise<string> {
  return select(openPipe(stream), protocols, signal === undefined ? {} : { signal })
}

/** Whom a proposal concerns beside its stream. */
export interface ProposalOwner {
  /** Many timeouts of negotiations. */
  readonly timeouts: TimeoutQueue
  /** The remote has agreed. */
  readonly onAgreed: () => void
  /** The remote has said that it does not speak the protocol. */
  readonly onRefused: () => void
  /** Whether a reset is the remote's word on this stream, and not the end of the connection. */
  readonly isAlive: () => boolean
}

/**
 * Proposes the one protocol and leaves the stream to its user at once: the proposal leaves in the same write as the
 * first data. A refusal ends the stream with `UnsupportedProtocolError`, which `onRefused` hears first; so does a reset
 * before the answer, as its cause. That may be a limit, and is no refusal.
 */
export function proposeOptimistically(
  stream: Stream,
  protocol: string,
  { timeouts, onAgreed, onRefused, isAlive }: ProposalOwner
): void {
  const selection = new OptimisticSelection(protocol)
  const timeout = timeouts.add(() => stream.abort(new TimeoutError(`the remote did not agree to ${protocol}`)))
  // A stream that ends before the answer must not be held until the timeout.
  onceOver(stream, () => timeout.clear())
  const answer = (chunk: Uint8Array): ProposalStep => {
    try {
      const step = selection.receive(chunk)
      if (step.done) {
        timeout.clear()
        onAgreed()
      }
      return step
    } catch (error) {
      if ((error as Error).name === 'UnsupportedProtocolError') onRefused()
      throw error
    }
  }
  openPipe(stream).propose?.(selection.prefix, answer, reset => (isAlive() ? resetBefore([protocol], reset) : reset))
}

/** The remote has broken a stream off instead of agreeing to a protocol. */
export function resetBefore(protocols: readonly string[], cause: Error): UnsupportedProtocolError {
  return withoutStackTraces(
    () =>
      new UnsupportedProtocolError(`the remote reset the stream before it agreed to ${protocols.join(', ')}`, {
        cause,
        facts: { protocols }
      })
  )
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
      // What was owed has been said.
      if (step?.error !== undefined) throw step.error
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
