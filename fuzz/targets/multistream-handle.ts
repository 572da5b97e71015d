/** The listener's side of multistream-select: what a dialer may propose, however it is cut, and what it costs. */
import { concat, equals } from '@weft/bytes'
import { Responder } from '@weft/multistream'

export const name = 'multistream-handle'

const names = new Set(['/a', '/b/1.0.0', '/é'])
// The header, 32 answers, one of them a list of three.
const maxAnswers = 20 + 32 * 4 + 40

interface Outcome {
  sent: Uint8Array
  protocol: string | undefined
  rest: Uint8Array
  error: string | undefined
}

/** The first byte says how the rest is cut into chunks, and whether a list is allowed. */
export function fuzz(input: Uint8Array): void {
  const first = input[0] ?? 0
  const bytes = input.subarray(1)
  const allowLs = first >= 128
  const whole = handle([bytes], allowLs)
  const pieces = handle(cut(bytes, 1 + (first % 16)), allowLs)
  if (whole.error !== pieces.error || whole.protocol !== pieces.protocol) throw new Error('the cuts change the outcome')
  if (!equals(whole.rest, pieces.rest)) throw new Error('the cuts change what is left for the protocol')
  if (whole.error === undefined && !equals(whole.sent, pieces.sent)) throw new Error('the cuts change what is sent')
  if (whole.protocol !== undefined && !names.has(whole.protocol)) throw new Error('accepted what is not supported')
  if (pieces.sent.byteLength > maxAnswers) throw new Error('answers are not bounded')
}

function handle(chunks: Uint8Array[], allowLs: boolean): Outcome {
  const responder = new Responder(names, { allowLs })
  const sent: Uint8Array[] = []
  const rest: Uint8Array[] = []
  let protocol: string | undefined
  let error: string | undefined
  try {
    for (const chunk of chunks) {
      if (protocol !== undefined) {
        rest.push(chunk)
        continue
      }
      const step = responder.receive(chunk)
      if (step?.reply !== undefined) sent.push(step.reply)
      if (step?.rest !== undefined) rest.push(step.rest)
      // It is told of as soon as what came before it is answered.
      if (step?.error !== undefined) throw step.error
      protocol = step?.protocol
    }
  } catch (failure) {
    const { name, code } = failure as Error & { code: string }
    if (name !== 'MultistreamError') throw failure
    error = code
  }
  return { sent: concat(sent), protocol, rest: concat(rest), error }
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.byteLength; at += size) chunks.push(bytes.subarray(at, at + size))
  return chunks
}
