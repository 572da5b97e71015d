import type { MessageStream, Stream } from '@libp2p/interface'
import { TimeoutError } from '@weft/errors'
import { whenOver } from '@weft/interface-connection'

/** Milliseconds that a remote has to end its side of a stream that nobody needs any more. */
export const defaultFarewell = 1000

/**
 * Ends a stream of which nothing more is expected: this side is closed, what still comes is thrown away, and a remote that
 * has not ended its own side after `farewell` milliseconds is reset, or its stream would count against the limit for as
 * long as the connection lives. Resolves when the stream is over; never rejects.
 */
export async function endStream(stream: MessageStream, farewell: number = defaultFarewell): Promise<void> {
  const over = whenOver(stream)
  const abort = (error: Error): void => stream.abort(error)
  const timer = setTimeout(() => {
    abort(new TimeoutError(`the remote did not end the stream within ${farewell} ms`))
  }, farewell)
  try {
    // A raw connection has none.
    ;(stream as Partial<Stream>).closeRead?.().catch(abort)
    stream.close().catch(abort)
  } catch (error) {
    abort(error as Error)
  }
  await over
  clearTimeout(timer)
}
