import type { Stream } from '@libp2p/interface'
import { TimeoutError } from '@weft/errors'
import { openPipe } from '@weft/interface-connection'
import { PingAnswers } from './core/frames.ts'

/**
 * Answers pings until the remote ends. A remote that does not read its answers is not read from; one that sends no whole
 * ping for `timeout` milliseconds is aborted.
 */
export function answerPings(stream: Stream, timeout: number): void {
  const pipe = openPipe(stream)
  const answers = new PingAnswers()
  let timer = setTimeout(expire, timeout)

  function expire(): void {
    stream.abort(new TimeoutError(`no ping for ${timeout} ms`, { facts: { milliseconds: timeout } }))
  }

  /** A sink must not throw, and everything here throws once the stream has ended. */
  function attempt(action: () => void): void {
    try {
      action()
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  pipe.attach({
    onBytes(chunk) {
      const answer = answers.receive(chunk)
      if (answer === undefined) return
      clearTimeout(timer)
      timer = setTimeout(expire, timeout)
      attempt(() => {
        // After the remote's last bytes there is nothing left to pause.
        if (!pipe.writev([answer]) && stream.readStatus === 'readable') pipe.pause()
      })
    },
    onDrain() {
      attempt(() => {
        if (stream.readStatus === 'paused') pipe.resume()
      })
    },
    onEnd() {
      stream.close().catch(() => {})
    },
    onClose: () => clearTimeout(timer)
  })
}
