import type { LimitRule } from './limits.ts'

/** Options of js-libp2p's that rule limits, under `connectionManager`, and what the platform allows. */
export interface DefaultsInit {
  /** Connections of this platform, without any option. */
  connections: number
  /** Inbound ones among them. */
  connectionsInbound: number
  /** As given by the user. */
  maxConnections?: number | undefined
  /** As given by the user. */
  maxIncomingPendingConnections?: number | undefined
  /** Dials under way at once. */
  maxParallelDials: number
}

/** Bytes that a connection costs by itself: secured, with its muxer and its buffers empty, it takes some 20 KiB of heap. */
export const connectionOverhead: number = 32 * 1024
/** Bytes that a stream costs by itself: with its state, its queues and its listeners it takes some 3 KiB of heap. */
export const streamOverhead: number = 4 * 1024

const mebibyte = 1024 * 1024

/** The limits of a node without `resourceLimits`. */
export function defaultRules(init: DefaultsInit): LimitRule[] {
  const { maxConnections, maxIncomingPendingConnections, maxParallelDials } = init
  const byMaxPending = (value: number | undefined): LimitRule['ruled'] =>
    value === undefined ? undefined : { value, option: 'connectionManager.maxIncomingPendingConnections' }
  // What is dialed comes on top of what is kept, until the connection manager has closed the least wanted.
  const all = maxConnections === undefined ? init.connections : maxConnections + maxParallelDials
  // More connections than by default bring the memory for their fixed overhead.
  const moreOverhead = Math.max(0, all - init.connections) * connectionOverhead
  const byMaxConnections = (value: number, rules = maxConnections !== undefined): LimitRule['ruled'] =>
    rules ? { value, option: 'connectionManager.maxConnections' } : undefined
  const descriptors = 4096
  const pending = 256
  const morePending = Math.max(0, (maxIncomingPendingConnections ?? pending) - pending)
  return [
    {
      scope: 'system',
      resource: 'connections',
      default: init.connections,
      reason: 'each costs its fixed overhead, and a share of what peers may leave unread',
      ruled: byMaxConnections(all)
    },
    {
      scope: 'system',
      resource: 'connectionsInbound',
      default: init.connectionsInbound,
      reason: 'whoever connects leaves room for what this node dials',
      ruled: byMaxConnections(maxConnections ?? init.connectionsInbound)
    },
    {
      scope: 'system',
      resource: 'streamsInbound',
      default: 16_384,
      reason: '64 MiB of fixed overhead: a quarter of the memory',
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
      default: Math.max(descriptors, init.connections),
      reason: 'what systems allow a process; never fewer than connections',
      ruled: byMaxConnections(all, all > Math.max(descriptors, init.connections))
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
      resource: 'connections',
      default: 4,
      reason: 'both sides may dial at once, over two transports; peers on this machine are exempt',
      ruled: byMaxConnections(Math.max(4, maxConnections ?? 4))
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
      scope: 'stream',
      resource: 'memory',
      default: 8 * mebibyte,
      reason: 'the largest window of yamux: 640 Mbit/s over 100 ms',
      ruled: undefined
    }
  ]
}
