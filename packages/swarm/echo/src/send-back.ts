import type { Stream } from '@libp2p/interface'
import { IdleTimer, StreamBytes } from '@weft/interface-protocol'

/** Sends back what arrives until the remote ends; a remote that does not read is not read from. */
export async function sendBack(stream: Stream, timeout: number): Promise<void> {
  const bytes = new StreamBytes(stream)
  const idle = new IdleTimer(stream, timeout)
  try {
    for (let chunk = await bytes.readSome(); chunk !== undefined; chunk = await bytes.readSome()) {
      idle.restart()
      await bytes.write(chunk)
      idle.restart()
    }
    await stream.close()
  } finally {
    idle.stop()
  }
}
