import { type AcceptedProtocols, Responder, type ResponderOptions } from './core/responder.ts'
import { negotiate } from './negotiate.ts'
import type { Pipe } from './pipe.ts'

/** Options of `handle()`. */
export interface HandleOptions extends ResponderOptions {
  /** Ends the negotiation; the result rejects with its reason. Without one there is no deadline. */
  signal?: AbortSignal | undefined
}

/**
 * Agrees as listener on a protocol that the remote proposes. The header and the acceptance leave in one write when the
 * remote's header and proposal came together. The pipe is detached when the promise settles, with what came behind the
 * proposal put back.
 *
 * Rejects with `MultistreamError` when the remote breaks the rules, proposes 32 protocols in vain or ends the stream; with
 * the reason of the signal. The pipe is then of no use to anyone.
 */
export async function handle(pipe: Pipe, protocols: AcceptedProtocols, options: HandleOptions = {}): Promise<string> {
  return negotiate(pipe, new Responder(protocols, options), undefined, options.signal)
}
