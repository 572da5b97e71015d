import type { Stream } from '@libp2p/interface'
import { ByteQueue } from '@weft/bytes'
import { TimeoutError } from '@weft/errors'
import { openPipe } from '@weft/interface-connection'
import { PingAnswers } from './core/frames.ts'

// Bytes answered at once. A remote that sends more pings than it reads answers has no more than this waiting for it.
const maxAnswer = 16 * 1024

/**
 * Answers pings until the remote ends. A remote that does not read its answers is not read from; one that sends no whole
 * ping for `timeout` milliseconds is aborted.
 */
export function answerPings(stream: Stream, timeout: number): void {
  const pipe = openPipe(stream)
  const answers = new PingAnswers()
  const unanswered = new ByteQueue()
  let full = false
  let ended = false
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

  /** Answers what has come, as far as the remote reads. */
  function work(): void {
    attempt(() => {
      for (let pings = unanswered.shift(maxAnswer); pings !== undefined; pings = unanswered.shift(maxAnswer)) {
        const answer = answers.receive(pings)
        if (answer === undefined) continue
        clearTimeout(timer)
        timer = setTimeout(expire, timeout)
        if (pipe.writev([answer])) continue
        full = true
        // After the remote's last bytes there is nothing left to pause.
        if (stream.readStatus === 'readable') pipe.pause()
        return
      }
      if (ended) stream.close().catch(() => {})
      else if (stream.readStatus === 'paused') pipe.resume()
    })
  }

  pipe.attach({
    onBytes(chunk) {
      unanswered.push(chunk)
      if (!full) work()
    },
    onDrain() {
      full = false
      work()
    },
    onEnd() {
      ended = true
      if (!full) work()
    },
    onClose: () => clearTimeout(timer)
  })
}
