import type { Multiaddr } from '@weft/multiaddr'
import { type DialTraits, dialTraitsSymbol } from './dial-traits.ts'
import type { transportSymbol as contract, serviceCapabilities, Transport } from '@libp2p/interface'

/** Marks a `Transport`, whichever package made it. */
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
 * - `dial` gives a raw connection to `options.upgrader.upgradeOutbound`, whose connection it returns. It rejects with the
 *   reason of `options.signal` when that fires, with `ConnectionFailedError` when the remote cannot be reached, and with
 *   the upgrader's error; in each case nothing of the attempt is left open. The raw connection's `remoteAddr` is the
 *   address as it was dialed: upgraders read the expected peer from it.
 * - `createListener` makes a listener that does nothing yet. `listen` resolves when it can be dialed, and emits
 *   `listening`; it rejects with `ListenError`. A raw connection is given to the `upgradeInbound` that the upgrader has at
 *   that time, with a signal that fires when the listener closes; if that rejects, the connection is aborted. `close`
 *   breaks off the listener's connections, resolves when none is left and the address is free, and emits `close` once.
 * - The filters return the addresses that can be dialed and listened on, in the order in which they were given.
 */
export type TransportParts = Pick<Transport, 'dial' | 'createListener' | 'listenFilter' | 'dialFilter'>

/** Marks an implementation as a transport named `name`. `traits`: what it says of all its addresses, or of each. */
export function transport(
  name: string,
  parts: TransportParts,
  traits?: DialTraits | ((address: Multiaddr) => DialTraits)
): Transport {
  Object.defineProperties(parts, {
    [transportSymbol]: { value: true },
    [Symbol.toStringTag]: { value: name },
    // A proxy over the transport may give a bound copy of a function only of a property that can be configured.
    ...(traits === undefined ? {} : { [dialTraitsSymbol]: { value: traits, configurable: true } }),
    [capabilities]: { value: ['@libp2p/transport'] }
  })
  return parts as Transport
}
