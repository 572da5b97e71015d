import type { ProposalStep } from '@weft/bytes'

/** Answers come in the order of what was proposed. */
export function inTurn(
  first: (chunk: Uint8Array) => ProposalStep,
  second: (chunk: Uint8Array) => ProposalStep
): (chunk: Uint8Array) => ProposalStep {
  let answered = false
  return chunk => {
    if (answered) return second(chunk)
    const step = first(chunk)
    if (!step.done) return step
    answered = true
    return step.rest === undefined ? { done: false } : second(step.rest)
  }
}
