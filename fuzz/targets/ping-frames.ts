import { ByteQueue, concat, equals } from '@weft/bytes'
import { PingExpectation, pingLength, takePings } from '../../packages/swarm/ping/src/core/frames.ts'

/** Pings and answers: whole frames come back as they were however they are cut, and only the right answer is taken. */
export const name = 'ping-frames'

/** The first byte says how the rest is cut, the second where the expected answer begins. */
export function fuzz(input: Uint8Array): void {
  const bytes = input.slice(2)
  const step = 1 + ((input[0] ?? 0) % 50)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.byteLength; at += step) chunks.push(bytes.subarray(at, at + step))

  const received = new ByteQueue()
  const back: Uint8Array[] = []
  for (const chunk of chunks) {
    received.push(chunk)
    for (let pings = takePings(received); pings !== undefined; pings = takePings(received)) back.push(pings)
  }
  const whole = bytes.byteLength - (bytes.byteLength % pingLength)
  if (!equals(concat(back), bytes.subarray(0, whole))) throw new Error('the answer is not what was asked')

  const offset = (input[1] ?? 0) % (bytes.byteLength + 1)
  const payload = new Uint8Array(pingLength)
  payload.set(bytes.subarray(offset, offset + pingLength))
  const right = equals(bytes, payload)
  if (answered(payload, chunks) !== right) throw new Error('a wrong answer was taken, or the right one refused')
}

function answered(payload: Uint8Array, chunks: readonly Uint8Array[]): boolean {
  const expectation = new PingExpectation(payload)
  let complete = false
  try {
    for (const chunk of chunks) complete = expectation.receive(chunk)
    return complete
  } catch (error) {
    if ((error as Error).name !== 'ProtocolError') throw error
    return false
  }
}
