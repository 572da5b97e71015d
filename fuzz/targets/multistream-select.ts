/** The dialer's side of multistream-select: what a listener may answer, however it is cut. */
import { concat, equals } from '@weft/bytes'
import { OptimisticSelection, Selector } from '@weft/multistream'

export const name = 'multistream-select'

const refusals = new Set(['MultistreamError', 'UnsupportedProtocolError'])
const offers = ['/a', '/b/1.0.0', '/é']

interface Outcome {
  sent: Uint8Array
  protocol: string | undefined
  rest: Uint8Array
  error: string | undefined
}

/** The first byte says how the rest is cut into chunks. */
export function fuzz(input: Uint8Array): void {
  const bytes = input.subarray(1)
  const size = 1 + ((input[0] ?? 0) % 16)
  const whole = select([bytes])
  const pieces = select(cut(bytes, size))
  if (whole.error !== pieces.error || whole.protocol !== pieces.protocol) throw new Error('the cuts change the outcome')
  if (!equals(whole.rest, pieces.rest)) throw new Error('the cuts change what is left for the protocol')
  if (whole.error === undefined && !equals(whole.sent, pieces.sent)) throw new Error('the cuts change what is sent')
  if (whole.protocol !== undefined && !offers.includes(whole.protocol)) throw new Error('selected what was not offered')

  const one = optimistic([bytes])
  const onePieces = optimistic(cut(bytes, size))
  if (one.error !== onePieces.error || !equals(one.rest, onePieces.rest)) throw new Error('the cuts change the answer')
  if (one.protocol !== undefined && whole.protocol !== one.protocol) throw new Error('optimism selects something else')
}

function select(chunks: Uint8Array[]): Outcome {
  const selector = new Selector(offers)
  const sent: Uint8Array[] = []
  const rest: Uint8Array[] = []
  let protocol: string | undefined
  const error = refusal(() => {
    for (const chunk of chunks) {
      if (protocol !== undefined) {
        rest.push(chunk)
        continue
      }
      const step = selector.receive(chunk)
      if (step?.reply !== undefined) sent.push(step.reply)
      if (step?.rest !== undefined) rest.push(step.rest)
      protocol = step?.protocol
    }
  })
  return { sent: concat(sent), protocol, rest: concat(rest), error }
}

function optimistic(chunks: Uint8Array[]): Outcome {
  const selection = new OptimisticSelection(offers[0]!)
  const rest: Uint8Array[] = []
  const error = refusal(() => {
    for (const chunk of chunks) {
      if (selection.done) rest.push(chunk)
      else rest.push(selection.receive(chunk).rest ?? new Uint8Array(0))
    }
  })
  const protocol = selection.done ? selection.protocol : undefined
  return { sent: selection.prefix, protocol, rest: concat(rest), error }
}

function refusal(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    const { name, code } = error as Error & { code: string }
    if (!refusals.has(name)) throw error
    return code
  }
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.byteLength; at += size) chunks.push(bytes.subarray(at, at + size))
  return chunks
}
