/** Who told of peers that could not be reached: whoever makes peers up has nothing else to tell. */
import type { CandidateState } from './lookup-types.ts'

// An honest peer tells of some that have left; that the first four are gone and none is there is one in hundreds.
const maxFailures = 4

export class Tellers {
  private readonly _counts = new Map<string, { failures: number; answers: number }>()

  /** Somebody of whom `teller` told has answered. */
  answered(teller: string): void {
    this._of(teller).answers++
  }

  /** Somebody of whom `teller` told has failed. Returns whether it is trusted no more from now on. */
  failed(teller: string): boolean {
    this._of(teller).failures++
    return !this.isTrusted(teller)
  }

  isTrusted(teller: string): boolean {
    const count = this._counts.get(teller)
    return count === undefined || count.answers > 0 || count.failures < maxFailures
  }

  private _of(teller: string): { failures: number; answers: number } {
    const count = this._counts.get(teller) ?? { failures: 0, answers: 0 }
    this._counts.set(teller, count)
    return count
  }
}

/** Whether a peer in this state may be one of the closest. */
export function trust(state: CandidateState): boolean {
  return state === 'heard' || state === 'asked' || state === 'answered'
}
