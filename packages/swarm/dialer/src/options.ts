import type { AddressSorter, MultiaddrResolver } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'

/** Options of dials: a part of those of the connection manager. */
export interface DialerInit {
  /**
   * Dials to different peers at once. Attempts that open a socket are 160 at once, or this if it is given and more; to
   * one peer they are 8 at once. @default 100
   */
  maxParallelDials?: number
  /** Dials that run or wait for their turn; one more is refused. @default 500 */
  maxDialQueueLength?: number
  /** Addresses tried in one dial; the rest is left out. js-libp2p has 25. @default 100 */
  maxPeerAddrsToDial?: number
  /** Milliseconds for a dial of a caller that gives no signal. @default 10000 */
  dialTimeout?: number
  /** Milliseconds for one address. @default 6000 */
  addressDialTimeout?: number
  /**
   * The order in which addresses start. Private, public and relayed ones each have a stagger of their own.
   * @default transports with fewer round trips first, IPv6 before IPv4
   */
  addressSorter?: AddressSorter
  /** How addresses become others before they are dialed: the first that can resolve an address does. */
  resolvers?: Record<string, MultiaddrResolver>
}

/** The options that always have a value. */
export type ConnectionLimits = Required<
  Pick<
    DialerInit,
    'maxParallelDials' | 'maxDialQueueLength' | 'maxPeerAddrsToDial' | 'dialTimeout' | 'addressDialTimeout'
  >
>

const defaultConnectionLimits: ConnectionLimits = {
  maxParallelDials: 100,
  maxDialQueueLength: 500,
  maxPeerAddrsToDial: 100,
  dialTimeout: 10_000,
  addressDialTimeout: 6_000
}

/** Fills in the defaults. Throws `InvalidParametersError`, which names the option. */
export function connectionLimits(init: DialerInit): ConnectionLimits {
  const limits = { ...defaultConnectionLimits }
  for (const name of Object.keys(limits) as Array<keyof ConnectionLimits>) {
    limits[name] = connectionOption(init, name, name === 'maxDialQueueLength' ? 0 : 1, limits[name])
  }
  return limits
}

/** A number of the options of the connection manager. Throws `InvalidParametersError`, which names it. */
export function connectionOption<Init extends object>(
  init: Init,
  name: keyof Init & string,
  minimum: number,
  byDefault: number
): number {
  const value: unknown = init[name]
  if (value === undefined) return byDefault
  if (typeof value === 'number' && value >= minimum) return value
  const option = `connectionManager.${name}`
  throw new InvalidParametersError(`${option} must be a number of ${minimum} or more`, { facts: { option, value } })
}
