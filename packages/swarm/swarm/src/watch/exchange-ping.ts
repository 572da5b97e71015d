import type { Stream } from '@libp2p/interface'
import { ProtocolError, StreamResetError } from '@weft/errors'
import { openPipe } from '@weft/interface-connection'

// https://github.com/libp2p/specs/blob/master/ping/ping.md
const pingLength = 32

/**
 * Sends 32 random bytes and the end of this side, waits for them to come back and gives the time between, in ms. Throws
 * `ProtocolError` if other bytes come back, and what the stream ends with if that comes first.
 */
export function exchangePing(stream: Stream): Promise<number> {
  const sent = crypto.getRandomValues(new Uint8Array(pingLength))
  const pipe = openPipe(stream)
  return new Promise<number>((resolve, reject) => {
    let received = 0
    const began = performance.now()
    // An error costs its stack trace: none is made for the usual end, which is behind the answer.
    const endEarly = (error?: Error): void => {
      if (received < pingLength) reject(error ?? new StreamResetError('the ping stream ended without an answer'))
    }
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
      onEnd: endEarly,
      onClose: endEarly
    })
    // A copy: what is sent belongs to the pipe.
    pipe.writev([new Uint8Array(sent)])
    // In the same write: one packet each way instead of two.
    stream.close().catch(reject)
  })
}
