import type { Stream } from '@libp2p/interface'
import { abortReason, ProtocolError } from '@weft/errors'
import { openPipe } from '@weft/interface-connection'
import { Uint8ArrayList } from 'uint8arraylist'
import { UnexpectedEOFError } from './errors.ts'
import { IdleTimer } from './idle-timer.ts'

/** Sends bytes over a fresh stream, ends it, and collects as many bytes as come back. */
export function exchange(
  stream: Stream,
  bytes: Uint8Array | Uint8ArrayList,
  timeout: number,
  signal: AbortSignal | undefined
): Promise<Uint8ArrayList> {
  return new Promise((resolve, reject) => {
    const pipe = openPipe(stream)
    const timer = new IdleTimer(stream, timeout)
    const received = new Uint8ArrayList()
    const expected = bytes.byteLength

    function settle(): void {
      timer.stop()
      signal?.removeEventListener('abort', onAbort)
    }
    function fail(error: Error): void {
      settle()
      reject(error)
      stream.abort(error)
    }
    function onAbort(): void {
      fail(abortReason(signal!))
    }
    function finish(): void {
      if (received.byteLength < expected) fail(new UnexpectedEOFError(received.byteLength, expected))
      else if (received.byteLength === expected) {
        settle()
        resolve(received)
      }
    }

    signal?.addEventListener('abort', onAbort, { once: true })
    pipe.attach({
      onBytes(chunk) {
        timer.restart()
        received.append(chunk)
        if (received.byteLength <= expected) return
        fail(
          new ProtocolError(`the remote sent more than the ${expected} bytes back that it got`, { facts: { expected } })
        )
      },
      onDrain: () => timer.restart(),
      onEnd: finish,
      onClose(error) {
        if (error === undefined) finish()
        else fail(error)
      }
    })
    try {
      stream.send(bytes)
      stream.close().catch(() => {})
    } catch (error) {
      fail(error as Error)
    }
  })
}
