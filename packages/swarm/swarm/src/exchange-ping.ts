import type { Stream } from '@libp2p/interface'
import { ProtocolError, StreamResetError } from '@weft/errors'
import { openPipe, raceSignal } from '@weft/interface-connection'

// https://github.com/libp2p/specs/blob/master/ping/ping.md
const pingLength = 32

/**
 * Sends 32 random bytes, waits for them to come back and gives the time between, in ms. Throws `ProtocolError` if other
 * bytes come back, and what the stream or the signal throws.
 */
export function exchangePing(stream: Stream, signal: AbortSignal): Promise<number> {
  const sent = crypto.getRandomValues(new Uint8Array(pingLength))
  const pipe = openPipe(stream)
  const answered = new Promise<number>((resolve, reject) => {
    let received = 0
    const began = performance.now()
    pipe.attach({
      onBytes(chunk) {
        const expected = sent.subarray(received, received + chunk.byteLength)
        if (chunk.byteLength > expected.byteLength || chunk.some((byte, i) => byte !== expected[i])) {
          reject(new ProtocolError('a ping came back changed'))
        } else {
          received += chunk.byteLength
          if (received === pingLength) resolve(performance.now() - began)
        }
      },
      onDrain() {},
      onEnd: () => reject(new StreamResetError('the ping stream ended without an answer')),
      onClose: error => reject(error ?? new StreamResetError('the ping stream was closed without an answer'))
    })
    // A copy: what is sent belongs to the pipe.
    pipe.writev([sent.slice()])
  })
  return raceSignal(answered, signal)
}
