import type { ConnectionGater } from '@libp2p/interface'
import { raceSignal } from '@weft/interface-connection'
import { environment } from '#environment'
import { ConnectionInterceptedError } from '../connection-errors.ts'

/** The questions that a gater answers with true for «no». */
export type GaterQuestion = Exclude<keyof ConnectionGater, 'filterMultiaddrForPeer'>

/**
 * The gater of a node: the user's own object, or an empty one. As js-libp2p's, it is given `denyDialMultiaddr` in browsers
 * if it has none: insecure WebSockets and private addresses are not dialed there.
 */
export function connectionGater(gater: ConnectionGater = {}): ConnectionGater {
  const { denyDialMultiaddr } = environment
  if (denyDialMultiaddr !== undefined && gater.denyDialMultiaddr == null) gater.denyDialMultiaddr = denyDialMultiaddr
  return gater
}

/** Asks the gater. Throws `ConnectionInterceptedError` if it denies. Without an answer to give, it is not waited for. */
export async function askGater<Q extends GaterQuestion>(
  gater: ConnectionGater,
  question: Q,
  args: Parameters<NonNullable<ConnectionGater[Q]>>,
  signal?: AbortSignal
): Promise<void> {
  const ask = gater[question] as ((...args: unknown[]) => boolean | Promise<boolean>) | undefined
  if (ask === undefined) return
  if (await raceSignal(Promise.resolve(ask.apply(gater, args)), signal)) {
    throw new ConnectionInterceptedError(`the connection gater denied it (${question})`, { facts: { question } })
  }
}
