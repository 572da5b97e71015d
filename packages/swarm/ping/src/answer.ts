import type { Stream } from '@libp2p/interface'
import { IdleTimer, StreamBytes } from '@weft/interface-protocol'
import { takePings } from './core/frames.ts'

/**
 * Answers pings until the remote ends. A remote that does not read its answers is not read from; one that sends no whole
 * ping for `timeout` milliseconds is aborted. What is no whole ping at the end is not answered.
 */
export async function answerPings(stream: Stream, timeout: number): Promise<void> {
  const bytes = new StreamBytes(stream)
  const idle = new IdleTimer(stream, timeout)
  try {
    for (let pings = await bytes.take(takePings); pings !== undefined; pings = await bytes.take(takePings)) {
      idle.restart()
      await bytes.write(pings)
    }
    await stream.close()
  } finally {
    idle.stop()
  }
}
