import type { AbortOptions, Stream } from '@libp2p/interface'
import { abortReason, throwIfAborted } from '@weft/errors'
import { onAbort } from '@weft/interface-connection'
import { type DeadlineOptions, withDeadline } from './deadline.ts'
import { endStream } from './end-stream.ts'
import { UnexpectedEOFError } from './errors.ts'
import { IdleTimer } from './idle-timer.ts'
import { type Decoder, type Encoder, StreamMessages } from './stream-messages.ts'

/**
 * Opens a stream, works with it, and leaves nothing behind, all under one deadline: a stream that failed is aborted, one
 * that did not is ended, in the background (`endStream`). One that opens after the deadline is aborted as well.
 */
export function withStream<T>(
  open: (options: { signal: AbortSignal }) => Promise<Stream>,
  options: DeadlineOptions,
  work: (stream: Stream, signal: AbortSignal) => Promise<T>
): Promise<T> {
  return withDeadline(options, async signal => {
    const stream = await open({ signal })
    const abort = (): void => stream.abort(abortReason(signal))
    const forget = signal.aborted ? abort() : onAbort(signal, abort)
    try {
      throwIfAborted(signal)
      const result = await work(stream, signal)
      void endStream(stream)
      return result
    } catch (error) {
      stream.abort(error as Error)
      throw error
    } finally {
      forget?.()
    }
  })
}

/** How a request and its answer are written. */
export interface RequestFormat<Q, A> {
  /** The form of requests. */
  readonly request: Encoder<Q> & Decoder<Q>
  /** The form of answers. */
  readonly answer: Encoder<A> & Decoder<A>
  /** Bytes of the longest request or answer that is accepted. */
  readonly maxMessageSize: number
}

/**
 * Sends one message on a stream, ends its side, and reads one. Rejects with `UnexpectedEOFError` if the remote ends without
 * an answer, and as `StreamMessages.readAs`.
 */
export async function ask<Q, A>(
  stream: Stream,
  { request, answer, maxMessageSize }: RequestFormat<Q, A>,
  message: Q,
  { signal }: AbortOptions = {}
): Promise<A> {
  const messages = new StreamMessages(stream, { maxMessageSize, signal })
  const sent = messages.writeAs(request, message)
  // In the same write: one packet instead of two.
  stream.close().catch(() => {})
  await sent
  const answered = await messages.readAs(answer)
  if (answered === undefined) throw new UnexpectedEOFError(0)
  return answered
}

/**
 * Answers requests, one after the other, until the remote ends. A remote that neither sends a whole request nor takes an
 * answer for `timeout` milliseconds is reset. Rejects, for the service to abort the stream, with `InvalidMessageError`, and
 * with what `reply` throws.
 */
export async function answerRequests<Q, A>(
  stream: Stream,
  { request, answer, maxMessageSize }: RequestFormat<Q, A>,
  { timeout }: { timeout: number },
  reply: (message: Q) => A | Promise<A>
): Promise<void> {
  const messages = new StreamMessages(stream, { maxMessageSize })
  const idle = new IdleTimer(stream, timeout)
  try {
    for (;;) {
      const message = await messages.readAs(request)
      if (message === undefined) break
      const answered = await reply(message)
      idle.restart()
      await messages.writeAs(answer, answered)
      idle.restart()
    }
    await stream.close()
  } finally {
    idle.stop()
  }
}
