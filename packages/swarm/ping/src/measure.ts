import type { Stream } from '@libp2p/interface'
import { abortReason, ProtocolError, TimeoutError } from '@weft/errors'
import { openPipe } from '@weft/interface-connection'
import { PingExpectation, pingLength } from './core/frames.ts'

// The remote ends when it has answered. It gets as long again as the answer took, and this at least, in milliseconds.
const shortestFarewell = 50

/** Pings once over a fresh stream, which is gone when this settles. */
export function measure(stream: Stream, timeout: number, signal: AbortSignal | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const pipe = openPipe(stream)
    const payload = crypto.getRandomValues(new Uint8Array(pingLength))
    const expectation = new PingExpectation(payload)
    const start = performance.now()
    let roundTrip: number | undefined
    let timer = setTimeout(
      () => fail(new TimeoutError(`no answer to a ping for ${timeout} ms`, { facts: { milliseconds: timeout } })),
      timeout
    )

    function settle(): void {
      clearTimeout(timer)
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
    function finish(error?: Error): void {
      settle()
      if (roundTrip === undefined) fail(error ?? new ProtocolError('the remote ended before it answered a ping'))
      else resolve(roundTrip)
    }
    /** The stream counts against its limit as long as it lives: one that the remote keeps would block the next ping. */
    function release(): void {
      finish()
      stream.abort(new TimeoutError('the remote answered a ping and did not end the stream'))
    }

    signal?.addEventListener('abort', onAbort, { once: true })
    pipe.attach({
      onBytes(chunk) {
        try {
          if (!expectation.receive(chunk)) return
        } catch (error) {
          fail(error as Error)
          return
        }
        roundTrip = performance.now() - start
        clearTimeout(timer)
        timer = setTimeout(release, Math.max(roundTrip, shortestFarewell))
      },
      onDrain() {},
      onEnd: () => finish(),
      onClose: error => finish(error)
    })
    try {
      pipe.writev([payload])
      stream.close().catch(() => {})
    } catch (error) {
      fail(error as Error)
    }
  })
}
