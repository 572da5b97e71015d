import { InvalidCryptoExchangeError } from '@weft/errors'

/**
 * The first muxer of the initiator's list that the responder supports (connections/inlined-muxer-negotiation);
 * `undefined` when a side offers none, and negotiates later. Throws `InvalidCryptoExchangeError` when both offer some but
 * none in common.
 */
export function chooseMuxer(initiator: readonly string[], responder: readonly string[]): string | undefined {
  if (initiator.length === 0 || responder.length === 0) return undefined
  const supported = new Set(responder)
  const chosen = initiator.find(protocol => supported.has(protocol))
  if (chosen !== undefined) return chosen
  throw new InvalidCryptoExchangeError('noise: the two sides have no stream muxer in common')
}
