import type { Stream } from '@libp2p/interface'
import { openPipe } from '@weft/interface-connection'
import { PerfRequest } from './core/request.ts'

/** Reads an upload to its end, then sends as much as was asked for, as fast as the remote takes it. */
export function serve(stream: Stream, block: Uint8Array): void {
  const pipe = openPipe(stream)
  const request = new PerfRequest()
  let left = 0

  function send(): void {
    try {
      while (left > 0) {
        const length = Math.min(left, block.byteLength)
        left -= length
        if (!pipe.writev([block.subarray(0, length)])) return
      }
      stream.close().catch(() => {})
    } catch (error) {
      stream.abort(error as Error)
    }
  }

  pipe.attach({
    onBytes: chunk => request.receive(chunk),
    onDrain: send,
    onEnd() {
      try {
        left = request.end()
      } catch (error) {
        stream.abort(error as Error)
        return
      }
      send()
    },
    onClose() {}
  })
}
