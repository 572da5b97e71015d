import { Selector } from './core/selector.ts'
import { negotiate } from './negotiate.ts'
import type { Pipe } from './pipe.ts'

/** Options of `select()`. */
export interface SelectOptions {
  /** Ends the negotiation; the result rejects with its reason. Without one there is no deadline. */
  signal?: AbortSignal | undefined
}

/**
 * Agrees as dialer on the first of `protocols`, best first, that the remote accepts. The header and the first proposal
 * leave in one write. The pipe is detached when the promise settles, with what came behind the answer put back.
 *
 * Rejects with `UnsupportedProtocolError`, which names all, when the remote accepts none; with `MultistreamError` when it
 * breaks the rules or ends the stream; with the reason of the signal. The pipe is then of no use to anyone.
 */
export async function select(pipe: Pipe, protocols: readonly string[], options: SelectOptions = {}): Promise<string> {
  const selector = new Selector(protocols)
  return negotiate(pipe, selector, { after: 0, bytes: () => selector.opening }, options.signal)
}
