import type { PutOutcome } from '@weft/interface-record-store'

/** What one store had under a key. */
export type LookupOutcome =
  /** The record that was chosen. */
  | { readonly store: string; readonly status: 'best' }
  /** A valid record, and another one was preferred. */
  | { readonly store: string; readonly status: 'outdated' }
  /** Records, none of them valid, whatever the store said of them. */
  | { readonly store: string; readonly status: 'invalid' }
  /** Nothing. */
  | { readonly store: string; readonly status: 'nothing' }
  /** It had not answered when the quorum was reached. */
  | { readonly store: string; readonly status: 'unanswered' }
  /** It failed, or did not answer in time. */
  | { readonly store: string; readonly status: 'failed'; readonly error: Error }

/** What was found under a key, and what each store had to say. */
export interface Lookup {
  /** The valid record that the selector prefers. */
  readonly best: Uint8Array | undefined
  /** One a store, in the order in which they were given. */
  readonly outcomes: readonly LookupOutcome[]
  /**
   * What became of putting the best record where a worse one, or none, was: settled in the background, never rejected.
   * A store that is shared and had nothing is left as it is: to spread a record is its publisher's.
   */
  readonly repaired: Promise<readonly PutOutcome[]>
}
