import type { Stream } from '@libp2p/interface'
import { openPipe } from '@weft/interface-connection'
import { IdleTimer } from './idle-timer.ts'

/** Sends back what arrives until the remote ends; a remote that does not read is not read from. */
export function sendBack(stream: Stream, timeout: number): void {
  const pipe = openPipe(stream)
  const timer = new IdleTimer(stream, timeout)

  /** A sink must not throw, and everything here throws once the stream has ended. */
  function attempt(action: () => void): void {
    timer.restart()
    try {
      action()
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  pipe.attach({
    onBytes(chunk) {
      attempt(() => {
        // After the remote's last bytes there is nothing left to pause.
        if (!pipe.writev([chunk]) && stream.readStatus === 'readable') pipe.pause()
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
    onClose: () => timer.stop()
  })
}
