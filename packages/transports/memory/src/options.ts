import type { ComponentLogger, UpgraderOptions } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'

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

/** Options with their defaults. Throws `InvalidParametersError`, which names the option. */
export function settingsOf({ upgraderOptions, latency = 0, maxMessageSize = 65_536 }: MemoryTransportInit): Settings {
  if (!(latency >= 0 && latency < 2 ** 31)) {
    throw new InvalidParametersError(`memory: latency must be 0 to 2147483647 milliseconds, not ${latency}`)
  }
  if (!(maxMessageSize >= 1)) {
    throw new InvalidParametersError(`memory: maxMessageSize must be at least 1 byte, not ${maxMessageSize}`)
  }
  return { upgraderOptions, latency, maxMessageSize }
}
