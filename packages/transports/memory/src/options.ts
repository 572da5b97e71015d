import type { ComponentLogger, UpgraderOptions } from '@libp2p/interface'
import { amount, anObject, delay, type OptionTable } from '@weft/errors'

/** Options of `memory()`. */
export interface MemoryTransportInit {
  /** Passed to every upgrade, for example `skipEncryption` with `remotePeer`. */
  upgraderOptions?: UpgraderOptions
  /** One-way delay in milliseconds of dials to this listener, data, ends and resets. @default 0 */
  latency?: number
  /** Maximum size of a chunk in bytes; larger writes are split. @default 65536 */
  maxMessageSize?: number
}

/** The components that the transport uses. */
export interface MemoryTransportComponents {
  /** Makes the loggers of listeners and connections. */
  logger: ComponentLogger
}

/** Options that have been checked. */
export interface Settings {
  readonly upgraderOptions: UpgraderOptions | undefined
  readonly latency: number
  readonly maxMessageSize: number
}

/** Rules for the options of `memory()`. */
export const memoryOptions: OptionTable<MemoryTransportInit> = {
  upgraderOptions: anObject,
  latency: delay(0),
  maxMessageSize: amount(1)
}

/** Validates options and applies defaults. */
export function settingsOf({ upgraderOptions, latency = 0, maxMessageSize = 65_536 }: MemoryTransportInit): Settings {
  return { upgraderOptions, latency, maxMessageSize }
}
