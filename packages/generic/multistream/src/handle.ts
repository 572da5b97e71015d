import { type AcceptedProtocols, Responder, type ResponderOptions } from './core/responder.ts'
import { negotiate } from './negotiate.ts'
import type { Pipe } from './pipe.ts'

/** Options of `handle()`. */
export interface HandleOptions extends ResponderOptions {
  /** Ends the negotiation; the result rejects with its reason. Without one there is no deadline. */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds in which nothing arrives, after which the header is sent: either side may speak first, and early dialers
   * wait for the listener. 0 sends it at once. Without it the header leaves with the first answer.
   */
  greetAfter?: number | undefined
  /** Called when the header is sent because of `greetAfter`. */
  onGreet?: (() => void) | undefined
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
  const { greetAfter, onGreet, signal } = options
  const responder = new Responder(protocols, options)
  const greet = (): Uint8Array | undefined => {
    onGreet?.()
    return responder.greet()
  }
  return negotiate(pipe, responder, greetAfter === undefined ? undefined : { after: greetAfter, bytes: greet }, signal)
}
