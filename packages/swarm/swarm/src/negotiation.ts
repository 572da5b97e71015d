/** Which protocol a new stream speaks: multistream-select on the streams of a connection. */
import type { MessageStream, MessageStreamDirection, Stream } from '@libp2p/interface'
import { ProtocolError, TimeoutError } from '@weft/errors'
import { type BytePipe, type ByteSink, openPipe } from '@weft/interface-connection'
import { handle, OptimisticSelection, Responder, select } from '@weft/multistream'
import type { Timeout, TimeoutQueue } from './timeout-queue.ts'

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
  stream.addEventListener('close', () => timeout.clear())
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

/** The same pipe, whose writes are held. */
function holding(pipe: BytePipe): Pick<BytePipe, 'attach' | 'detach' | 'writev'> {
  if (pipe.hold === undefined) return pipe
  return {
    attach: sink => pipe.attach(sink),
    detach: unread => pipe.detach(unread),
    writev: chunks => {
      pipe.hold?.(chunks)
      return true
    }
  }
}

/** Whether a stream can go on before the remote has agreed. */
export function mayPropose(stream: MessageStream): boolean {
  return openPipe(stream).propose !== undefined
}

/**
 * Agrees on how to secure or multiplex a raw connection. A dialer with one choice does not wait for the answer;
 * `onAgreed` is called when it is there.
 */
export async function negotiateRaw(
  stream: MessageStream,
  protocols: string[],
  direction: MessageStreamDirection,
  signal: AbortSignal,
  onAgreed: () => void = () => {}
): Promise<string> {
  const pipe = openPipe(stream)
  const [only] = protocols
  if (direction === 'outbound' && protocols.length === 1 && only !== undefined && pipe.propose !== undefined) {
    const selection = new OptimisticSelection(only)
    pipe.propose(selection.prefix, chunk => {
      const step = selection.receive(chunk)
      if (step.done) onAgreed()
      return step
    })
    return only
  }
  // The handshake's answer leaves together with this one.
  const chosen =
    direction === 'inbound'
      ? await handle(holding(pipe), protocols, { signal })
      : await select(pipe, protocols, { signal })
  onAgreed()
  return chosen
}

/** What the streams of a connection have in common while they are negotiated. */
export interface Negotiations {
  readonly supports: (protocol: string) => boolean
  readonly timeouts: TimeoutQueue
  /** Called in the same turn in which the proposal arrives. */
  readonly onSelected: (stream: Stream, protocol: string) => void
}

/** Answers the remote's proposals. On failure the stream is aborted. */
export function respond(stream: Stream, negotiations: Negotiations): void {
  const pipe = openPipe(stream)
  pipe.attach(new InboundNegotiation(stream, pipe, negotiations))
}

/** An object with methods instead of functions: a remote may have a thousand streams that it says nothing on. */
class InboundNegotiation implements ByteSink {
  readonly #stream: Stream
  readonly #pipe: BytePipe
  readonly #negotiations: Negotiations
  readonly #responder: Responder
  readonly #timeout: Timeout

  constructor(stream: Stream, pipe: BytePipe, negotiations: Negotiations) {
    this.#stream = stream
    this.#pipe = pipe
    this.#negotiations = negotiations
    this.#responder = new Responder(negotiations.supports)
    this.#timeout = negotiations.timeouts.add(() =>
      stream.abort(new TimeoutError('the remote did not agree on a protocol'))
    )
  }

  onBytes(chunk: Uint8Array): void {
    try {
      const step = this.#responder.receive(chunk)
      if (step?.reply !== undefined) this.#pipe.writev([step.reply])
      if (step?.protocol === undefined) return
      this.#timeout.clear()
      this.#pipe.detach(step.rest)
      this.#negotiations.onSelected(this.#stream, step.protocol)
    } catch (error) {
      this.#timeout.clear()
      this.#stream.abort(error as Error)
    }
  }

  onDrain(): void {}

  onEnd(): void {
    this.#timeout.clear()
    this.#stream.abort(new ProtocolError('the remote ended the stream before it named a protocol'))
  }

  onClose(): void {
    this.#timeout.clear()
  }
}
