import type { LimitRule } from './limits.ts'

/** Options of js-libp2p's that rule limits, under `connectionManager`, and what the platform allows. */
export interface DefaultsInit {
  /** Connections of this platform, without any option. */
  connections: number
  /** Inbound ones among them. */
  connectionsInbound: number
  /** Sockets that the system lets this process have; Infinity where it does not say. */
  availableDescriptors: number
  /** As given by the user. */
  maxConnections?: number | undefined
  /** As given by the user. */
  maxInboundConnections?: number | undefined
  /** As given by the user. */
  maxIncomingPendingConnections?: number | undefined
  /** Dials under way at once. */
  maxParallelDials: number
}

/** Bytes that a connection costs by itself: secured, with its muxer and its buffers empty, it takes some 20 KiB of heap. */
export const connectionOverhead: number = 32 * 1024
/** Bytes that a stream costs by itself: its state and its listeners take some 3 KiB of heap, and 32 small messages apart 4. */
export const streamOverhead: number = 8 * 1024

/**
 * Bytes beyond its fixed cost that a connection whose peer is known can always have: enough for pings, identify and a
 * stream or two, where others have used up the memory of the node. 48 MiB of 256 MiB for 768 connections.
 */
export const connectionPledge: number = 64 * 1024

const mebibyte = 1024 * 1024

/** The limits of a node without `resourceLimits`. */
export function defaultRules(init: DefaultsInit): LimitRule[] {
  const { maxConnections, maxInboundConnections, maxIncomingPendingConnections, maxParallelDials } = init
  const byMaxPending = (value: number | undefined): LimitRule['ruled'] =>
    value === undefined ? undefined : { value, option: 'connectionManager.maxIncomingPendingConnections' }
  const all = (maxConnections ?? init.connections) + maxParallelDials
  // More connections than by default bring the memory for their fixed overhead.
  const moreOverhead = Math.max(0, (maxConnections ?? 0) - init.connections) * connectionOverhead
  const byMaxConnections = (value: number, rules = maxConnections !== undefined): LimitRule['ruled'] =>
    rules ? { value, option: 'connectionManager.maxConnections' } : undefined
  const descriptors = Math.min(4096, init.availableDescriptors)
  const pending = 256
  const morePending = Math.max(0, (maxIncomingPendingConnections ?? pending) - pending)
  return [
    {
      scope: 'system',
      resource: 'connections',
      default: init.connections + maxParallelDials,
      reason: 'those that are kept, and those that are just dialed before the least wanted are closed',
      ruled: byMaxConnections(all)
    },
    {
      scope: 'system',
      resource: 'connectionsInbound',
      default: init.connectionsInbound,
      reason: 'whoever connects leaves room for what this node dials',
      ruled:
        maxInboundConnections === undefined
          ? byMaxConnections(maxConnections ?? init.connectionsInbound)
          : { value: maxInboundConnections, option: 'connectionManager.maxInboundConnections' }
    },
    {
      scope: 'system',
      resource: 'streamsInbound',
      default: 16_384,
      reason: '128 MiB of fixed overhead: half of the memory',
      ruled: undefined
    },
    {
      scope: 'system',
      resource: 'streamsOutbound',
      default: 16_384,
      reason: 'as many as peers may open',
      ruled: undefined
    },
    {
      scope: 'system',
      resource: 'memory',
      default: 256 * mebibyte,
      reason: 'a node under attack stays below 512 MiB in all',
      ruled: byMaxConnections(256 * mebibyte + moreOverhead, moreOverhead > 0)
    },
    {
      scope: 'system',
      resource: 'fileDescriptors',
      default: descriptors,
      reason: 'what systems allow a process, and more than it has connections; never more than this one allows',
      ruled: byMaxConnections(
        Math.min(all, init.availableDescriptors),
        maxConnections !== undefined && all > descriptors && init.availableDescriptors > descriptors
      )
    },
    {
      scope: 'transient',
      resource: 'pendingInbound',
      default: pending,
      reason: 'each may last as long as inboundUpgradeTimeout without saying who it is',
      ruled: byMaxPending(maxIncomingPendingConnections)
    },
    {
      scope: 'transient',
      resource: 'streamsInbound',
      default: 4_096,
      reason: 'streams that name no protocol take at most a quarter of those of the node',
      ruled: undefined
    },
    {
      scope: 'transient',
      resource: 'memory',
      default: 64 * mebibyte,
      reason: 'nobody who has not said what they want takes more than a quarter of the memory',
      ruled: byMaxPending(morePending === 0 ? undefined : 64 * mebibyte + morePending * connectionOverhead)
    },
    {
      scope: 'peer',
      resource: 'memory',
      default: 64 * mebibyte,
      reason: 'no peer takes more than a quarter of the memory',
      ruled: byMaxConnections(64 * mebibyte + moreOverhead, moreOverhead > 0)
    },
    {
      scope: 'connection',
      resource: 'streamsInbound',
      default: 1_024,
      reason: 'what muxers allow by default',
      ruled: undefined
    },
    {
      scope: 'connection',
      resource: 'memory',
      default: 16 * mebibyte,
      reason: '64 unread streams at the initial window of yamux',
      ruled: undefined
    },
    {
      scope: 'connection',
      resource: 'unsent',
      default: 16 * mebibyte,
      reason: 'as much as it may receive; who waits for drain has 256 streams with 64 KiB each before that',
      ruled: undefined
    },
    {
      scope: 'connection',
      resource: 'windows',
      default: 64 * mebibyte,
      reason: 'by which its windows may grow while there is room; never more than a quarter of the memory',
      ruled: undefined
    },
    {
      scope: 'stream',
      resource: 'memory',
      default: 16 * mebibyte,
      reason: 'the largest window of yamux: 1.3 Gbit/s over 100 ms',
      ruled: undefined
    }
  ]
}
