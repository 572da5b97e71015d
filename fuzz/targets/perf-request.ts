import { equals } from '@weft/bytes'
import { encodeRequest, PerfRequest } from '../../packages/swarm/perf/src/core/request.ts'

/** The request of a measurement: the same number however the upload is cut. */
export const name = 'perf-request'

/** The first byte says how the rest is cut. */
export function fuzz(input: Uint8Array): void {
  const bytes = input.subarray(1)
  const step = 1 + ((input[0] ?? 0) % 10)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.byteLength; at += step) chunks.push(bytes.subarray(at, at + step))

  const whole = read([bytes])
  if (whole !== read(chunks)) throw new Error('the cuts change the number')
  if ((whole === undefined) !== bytes.byteLength < 8) throw new Error('eight bytes are a request, and fewer are none')
  if (whole === undefined || whole > Number.MAX_SAFE_INTEGER) return
  if (!equals(encodeRequest(whole), bytes.subarray(0, 8))) throw new Error('the request does not encode to what it was')
}

function read(chunks: readonly Uint8Array[]): number | undefined {
  const request = new PerfRequest()
  for (const chunk of chunks) request.receive(chunk)
  try {
    return request.end()
  } catch (error) {
    if ((error as Error).name !== 'ProtocolError') throw error
    return undefined
  }
}
