import type { Multiaddr } from '@weft/multiaddr'
import { type DialTraits, dialTraitsSymbol } from './dial-traits.ts'
import type { transportSymbol as contract, serviceCapabilities, Transport } from '@libp2p/interface'

/** Marks a `Transport` of any package. */
export const transportSymbol: typeof contract = Symbol.for('@libp2p/transport') as typeof contract

const capabilities: typeof serviceCapabilities = Symbol.for(
  '@libp2p/service-capabilities'
) as typeof serviceCapabilities

/** Whether a value is a `Transport`. */
export function isTransport(value: unknown): value is Transport {
  return typeof value === 'object' && value !== null && Boolean((value as Partial<Transport>)[transportSymbol])
}

/**
 * What a transport is made of.
 *
 * - `dial` passes a raw connection to `options.upgrader.upgradeOutbound` and returns the resulting connection. It
 *   rejects with the reason of `options.signal` when that fires, with `ConnectionFailedError` if the remote cannot be
 *   reached, and with the upgrader's error; in each case nothing is left open. The raw connection's `remoteAddr` is the
 *   dialed address: upgraders read the expected peer from it.
 * - `createListener` creates an inactive listener. `listen` resolves when it can be dialed, and emits `listening`; it
 *   rejects with `ListenError`. Each raw connection is passed to the upgrader's current `upgradeInbound`, with a signal
 *   that fires when the listener closes; if that rejects, the connection is aborted. `close` aborts the listener's
 *   connections, resolves when none is left and the address is free, and emits `close` once.
 * - The filters return the addresses that can be dialed and listened on, in the order in which they were given.
 */
export type TransportParts = Pick<Transport, 'dial' | 'createListener' | 'listenFilter' | 'dialFilter'>

/**
 * Marks an implementation as a transport named `name`. `traits`: those of all its addresses, or a function that returns
 * those of an address.
 */
export function transport(
  name: string,
  parts: TransportParts,
  traits?: DialTraits | ((address: Multiaddr) => DialTraits)
): Transport {
  Object.defineProperties(parts, {
    [transportSymbol]: { value: true },
    [Symbol.toStringTag]: { value: name },
    // A proxy may return a bound copy of a function only for configurable properties.
    ...(traits === undefined ? {} : { [dialTraitsSymbol]: { value: traits, configurable: true } }),
    [capabilities]: { value: ['@libp2p/transport'] }
  })
  return parts as Transport
}
