/**
 * Eviction when the memory of the node is exhausted: the peer that uses most of the shared memory is evicted from at
 * once.
 */
import type { ConnectionScope } from './connection-scope.ts'
import { connectionPledge } from './core/defaults.ts'
import type { Abortable, ResourceScope } from './core/scope.ts'

/** A peer is evicted only for one that uses less than half as much; others wait until there is room. */
const factor = 2
/** The part of the node's memory from which a peer is evicted for a handshake, whose remote is not authenticated. */
const leastForStrangers = 1 / 32

/** The connections of one peer, and their total usage beyond their reservations, in bytes. */
interface Holder {
  peer: string
  shared: number
  fullest: ConnectionScope
}

/**
 * Evicts the stream with the most memory of the peer that uses the most in `system`, or its largest connection, if
 * `asking` belongs to another peer that uses less than half as much. Its memory is released when this returns; it is
 * aborted in a microtask, as this may be called while a stream is being read. Returns whether something was evicted.
 */
export function makeRoom(system: ResourceScope, asking: ResourceScope): boolean {
  const connection = isConnection(asking) ? asking : asking.owner
  if (connection === undefined || !isConnection(connection)) return false
  const holders = holdersIn(system)
  let most: Holder | undefined
  for (const holder of holders.values()) if (holder.shared > (most?.shared ?? 0)) most = holder
  if (most === undefined || most.peer === connection.peer) return false
  const own = holders.get(connection.peer)?.shared ?? 0
  const forStrangers = connection.peer === '' ? system.limit('memory') * leastForStrangers : 0
  if (most.shared < Math.max(connectionPledge, forStrangers, factor * own)) return false
  return end(most.fullest, system)
}

function isConnection(scope: ResourceScope): scope is ConnectionScope {
  return scope.kind === 'connection'
}

function holdersIn(system: ResourceScope): Map<string, Holder> {
  const holders = new Map<string, Holder>()
  for (const connection of system.children) {
    // Handshakes use little, and have limits of their own.
    if (!isConnection(connection) || connection.peer === '') continue
    const shared = connection.shared
    const holder = holders.get(connection.peer)
    if (holder === undefined) {
      holders.set(connection.peer, { peer: connection.peer, shared, fullest: connection })
      continue
    }
    holder.shared += shared
    if (shared > holder.fullest.shared) holder.fullest = connection
  }
  return holders
}

function end(connection: ConnectionScope, system: ResourceScope): boolean {
  const whole = connection.abortable
  const stream = connection.fullestStream(system)
  const [scope, abortable]: [ResourceScope, Abortable | undefined] =
    stream?.abortable === undefined ? [connection, whole] : [stream, stream.abortable]
  if (abortable === undefined) return false
  const error = system.refusal('memory', 0)
  scope.close()
  queueMicrotask(() => {
    try {
      abortable.abort(error)
    } catch {
      // Its own listeners have thrown: the connection is aborted too.
      if (abortable !== whole) whole?.abort(error)
    }
  })
  return true
}
