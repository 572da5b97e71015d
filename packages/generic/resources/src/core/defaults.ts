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
      name: 'connections, dials that are just made included',
      atLimit: 'inbound ones are closed; a dial fails, with `ResourceLimitError`',
      note: 'also `connectionManager.maxConnections` and `maxParallelDials`',
      ruled: byMaxConnections(all)
    },
    {
      scope: 'system',
      resource: 'connectionsInbound',
      default: init.connectionsInbound,
      reason: 'whoever connects leaves room for what this node dials',
      name: 'inbound connections',
      atLimit: 'refused',
      note: 'also `connectionManager.maxInboundConnections`',
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
      name: 'inbound streams',
      atLimit: 'reset',
      ruled: undefined
    },
    {
      scope: 'system',
      resource: 'streamsOutbound',
      default: 16_384,
      reason: 'as many as peers may open',
      name: 'outbound streams',
      atLimit: '`newStream()` rejects',
      ruled: undefined
    },
    {
      scope: 'system',
      resource: 'memory',
      default: 256 * mebibyte,
      reason: 'a node under attack stays below 512 MiB in all',
      name: 'memory of the node',
      atLimit:
        'the fullest stream of the peer that holds the most is ended at once for one that holds less than half as much; otherwise connections with more to read are not read, and after 10 s the fullest stream of the fullest connection is ended',
      ruled: byMaxConnections(256 * mebibyte + moreOverhead, moreOverhead > 0)
    },
    {
      scope: 'system',
      resource: 'fileDescriptors',
      default: descriptors,
      reason: 'what systems allow a process, and more than it has connections; never more than this one allows',
      name: 'sockets',
      atLimit: 'as connections',
      note: 'with `maxConnections` that many; at most 7/8 of the open files that the system allows',
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
      name: 'inbound handshakes under way',
      atLimit:
        'the oldest of the address that has the most gives way; refused where that is less fair, unless it had 1 s',
      note: 'also `connectionManager.maxIncomingPendingConnections`',
      ruled: byMaxPending(maxIncomingPendingConnections)
    },
    {
      scope: 'transient',
      resource: 'streamsInbound',
      default: 4_096,
      reason: 'streams that name no protocol take at most a quarter of those of the node',
      name: 'inbound streams without a protocol',
      atLimit: 'reset',
      ruled: undefined
    },
    {
      scope: 'transient',
      resource: 'memory',
      default: 64 * mebibyte,
      reason: 'nobody who has not said what they want takes more than a quarter of the memory',
      name: 'memory of what is transient',
      atLimit: 'as that of the node; new handshakes are closed and new streams reset',
      ruled: byMaxPending(morePending === 0 ? undefined : 64 * mebibyte + morePending * connectionOverhead)
    },
    {
      scope: 'peer',
      resource: 'memory',
      default: 64 * mebibyte,
      reason: 'no peer takes more than a quarter of the memory',
      name: 'memory of a peer',
      atLimit: 'as that of the node',
      ruled: byMaxConnections(64 * mebibyte + moreOverhead, moreOverhead > 0)
    },
    {
      scope: 'connection',
      resource: 'streamsInbound',
      default: 1_024,
      reason: 'what muxers allow by default',
      name: 'inbound streams of a connection',
      atLimit: 'reset',
      note: "with a muxer's option that many",
      ruled: undefined
    },
    {
      scope: 'connection',
      resource: 'memory',
      default: 16 * mebibyte,
      reason: '64 unread streams at the initial window of yamux',
      name: 'unread bytes of a connection',
      atLimit: 'the connection is not read for up to 10 s, then its fullest stream is ended',
      ruled: undefined
    },
    {
      scope: 'connection',
      resource: 'unsent',
      default: 16 * mebibyte,
      reason: 'as much as it may receive; who waits for drain has 256 streams with 64 KiB each before that',
      name: 'unsent bytes of a connection',
      atLimit: 'see below',
      note: 'with `maxWriteBufferLength` that many',
      ruled: undefined
    },
    {
      scope: 'connection',
      resource: 'windows',
      default: 64 * mebibyte,
      reason: 'by which its windows may grow while there is room; never more than a quarter of the memory',
      name: 'growth of the windows of a connection',
      atLimit: 'windows stop growing; where the node is short they shrink',
      note: 'a quarter of `system.memory` if that is less; with what is in use never more than the memory',
      ruled: undefined
    },
    {
      scope: 'stream',
      resource: 'memory',
      default: 16 * mebibyte,
      reason: 'the largest window of yamux: 1.3 Gbit/s over 100 ms',
      name: 'unread bytes of a stream',
      atLimit: 'its window grows no further; past it the stream is reset',
      ruled: undefined
    }
  ]
}
