import type { StreamHandlerOptions } from '@libp2p/interface'
import { amount, flag, type OptionTable } from '@weft/errors'

/** Options that every service has, with the names of js-libp2p's. */
export interface StreamLimitsInit {
  /** Streams that a peer may have open at once. */
  maxInboundStreams?: number
  /** Streams to a peer at once. */
  maxOutboundStreams?: number
  /** Whether limited (relayed) connections are used. */
  runOnLimitedConnection?: boolean
}

/** The same with their defaults. */
export interface StreamLimits extends StreamHandlerOptions {
  readonly maxInboundStreams: number
  readonly maxOutboundStreams: number
  readonly runOnLimitedConnection: boolean
}

/** What these options may be: a part of the table of every service. */
export const streamLimitOptions: OptionTable<StreamLimitsInit> = {
  maxInboundStreams: amount(),
  maxOutboundStreams: amount(),
  runOnLimitedConnection: flag
}

/** Options that were checked against the table, or else the defaults. */
export function streamLimits(init: StreamLimitsInit, defaults: StreamLimits): StreamLimits {
  return {
    maxInboundStreams: init.maxInboundStreams ?? defaults.maxInboundStreams,
    maxOutboundStreams: init.maxOutboundStreams ?? defaults.maxOutboundStreams,
    runOnLimitedConnection: init.runOnLimitedConnection ?? defaults.runOnLimitedConnection
  }
}
