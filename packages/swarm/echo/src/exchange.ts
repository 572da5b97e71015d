import type { Stream } from '@libp2p/interface'
import { ProtocolError } from '@weft/errors'
import { endStream, IdleTimer, StreamBytes, UnexpectedEOFError } from '@weft/interface-protocol'
import { Uint8ArrayList } from 'uint8arraylist'

/** Sends bytes over a fresh stream, ends it, and collects as many bytes as come back. */
export async function exchange(
  stream: Stream,
  data: Uint8Array | Uint8ArrayList,
  timeout: number,
  signal: AbortSignal | undefined
): Promise<Uint8ArrayList> {
  const idle = new IdleTimer(stream, timeout)
  try {
    const bytes = new StreamBytes(stream, { signal })
    const received = new Uint8ArrayList()
    const expected = data.byteLength
    // While it is sent it comes back: whoever waited for all of it to leave would stop at the first full window.
    const sent = bytes.write(data instanceof Uint8Array ? data : [...data]).then(() => idle.restart())
    sent.catch(() => {})
    stream.close().catch(() => {})
    for (let chunk = await bytes.readSome(); chunk !== undefined; chunk = await bytes.readSome()) {
      idle.restart()
      received.append(chunk)
      if (received.byteLength <= expected) continue
      const message = `the remote sent more than the ${expected} bytes back that it got`
      throw new ProtocolError(message, { facts: { expected } })
    }
    if (received.byteLength < expected) throw new UnexpectedEOFError(received.byteLength, expected)
    void endStream(stream)
    return received
  } catch (error) {
    stream.abort(error as Error)
    throw error
  } finally {
    idle.stop()
  }
}
