import type { Stream } from '@libp2p/interface'
import { IdleTimer, StreamBytes } from '@weft/interface-protocol'
import { PerfRequest } from './core/request.ts'

/**
 * Reads an upload to its end, then sends as much as was asked for, as fast as the remote takes it. A remote that neither
 * sends nor takes anything for `timeout` milliseconds is reset.
 */
export async function serve(stream: Stream, block: Uint8Array, timeout: number): Promise<void> {
  const bytes = new StreamBytes(stream)
  const idle = new IdleTimer(stream, timeout)
  try {
    const request = new PerfRequest()
    for (let chunk = await bytes.readSome(); chunk !== undefined; chunk = await bytes.readSome()) {
      idle.restart()
      request.receive(chunk)
    }
    for (let left = request.end(); left > 0; ) {
      const length = Math.min(left, block.byteLength)
      left -= length
      await bytes.write(block.subarray(0, length))
      idle.restart()
    }
    await stream.close()
  } finally {
    idle.stop()
  }
}
