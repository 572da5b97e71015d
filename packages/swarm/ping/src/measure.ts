import type { Stream } from '@libp2p/interface'
import { ProtocolError } from '@weft/errors'
import { endStream, StreamBytes, withDeadline } from '@weft/interface-protocol'
import { PingExpectation, pingLength } from './core/frames.ts'

// The remote ends when it has answered. It gets as long again as the answer took, and this at least, in milliseconds.
const shortestFarewell = 50

/** Pings once over a fresh stream, which is gone when this settles. */
export async function measure(stream: Stream, timeout: number, signal: AbortSignal | undefined): Promise<number> {
  try {
    const options = { timeout, operation: 'a ping', ...(signal !== undefined && { signal }) }
    const roundTrip = await withDeadline(options, deadline => pingOnce(stream, deadline))
    // The stream counts against its limit as long as it lives: one that the remote keeps would block the next ping.
    await endStream(stream, Math.max(roundTrip, shortestFarewell))
    return roundTrip
  } catch (error) {
    stream.abort(error as Error)
    throw error
  }
}

async function pingOnce(stream: Stream, signal: AbortSignal): Promise<number> {
  const bytes = new StreamBytes(stream, { signal })
  const payload = crypto.getRandomValues(new Uint8Array(pingLength))
  const expectation = new PingExpectation(new Uint8Array(payload))
  const start = performance.now()
  const sent = bytes.write(payload)
  // In the same write: one packet each way instead of two.
  stream.close().catch(() => {})
  await sent
  for (;;) {
    const chunk = await bytes.readSome()
    if (chunk === undefined) throw new ProtocolError('the remote ended before it answered a ping')
    if (expectation.receive(chunk)) return performance.now() - start
  }
}
