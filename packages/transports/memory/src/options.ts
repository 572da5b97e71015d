import type { ComponentLogger, UpgraderOptions } from '@libp2p/interface'
import { amount, anObject, delay, type OptionTable } from '@weft/errors'

/** Options of `memory()`. */
export interface MemoryTransportInit {
  /** Given to every upgrade, for example `skipEncryption` with `remotePeer`. */
  upgraderOptions?: UpgraderOptions
  /** Milliseconds that everything is under way: dials to this listener, bytes, ends and resets. @default 0 */
  latency?: number
  /** Bytes in the largest chunk that arrives; larger ones are cut. @default 65536 */
  maxMessageSize?: number
}

/** What the transport needs of a node. */
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

/** What the options of `memory()` may be. */
export const memoryOptions: OptionTable<MemoryTransportInit> = {
  upgraderOptions: anObject,
  latency: delay(0),
  maxMessageSize: amount(1)
}

/** Options that were checked against the table, with their defaults. */
export function settingsOf({ upgraderOptions, latency = 0, maxMessageSize = 65_536 }: MemoryTransportInit): Settings {
  return { upgraderOptions, latency, maxMessageSize }
}
