import type { AbortOptions, MessageStream } from '@libp2p/interface'
import { abortReason, throwIfAborted } from '@weft/errors'
import { HandshakePipe } from './handshake-pipe.ts'

/**
 * Runs a handshake on a connection. If `run` throws or the signal fires, the connection is aborted and the promise
 * rejects with that error or the signal's reason.
 */
export async function performHandshake<T>(
  connection: MessageStream,
  { signal }: AbortOptions,
  run: (pipe: HandshakePipe) => Promise<T>
): Promise<T> {
  const pipe = new HandshakePipe(connection)
  const onAbort = (): void => pipe.fail(abortReason(signal!))
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    throwIfAborted(signal)
    const result = await run(pipe)
    throwIfAborted(signal)
    return result
  } catch (error) {
    pipe.fail(error as Error)
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
