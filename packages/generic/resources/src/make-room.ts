/** Who gives way where the memory of the node is used up: the peer that holds the most of what is shared, and at once. */
import type { ConnectionScope } from './connection-scope.ts'
import { connectionPledge } from './core/defaults.ts'
import type { Abortable, ResourceScope } from './core/scope.ts'

/** Nobody gives way to one that holds half as much: it waits until there is room, as equals do. */
const factor = 2
/** Part of the node's memory that a peer holds before it gives way to a handshake, whose remote may be anyone. */
const leastForStrangers = 1 / 32

/** The connections of one peer, and what they hold in all beyond what they were promised. Bytes. */
interface Holder {
  peer: string
  shared: number
  fullest: ConnectionScope
}

/**
 * Ends the fullest stream of the peer that holds the most in `system`, or its fullest connection, if `asking` is of another
 * peer and holds less than half as much. Its memory is given back when this returns; it is aborted in a microtask, as this
 * may be called in the middle of someone's reading. Returns whether something was ended.
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
    // Handshakes hold little, and have limits of their own.
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
      // Its own listeners have thrown: the connection goes with it.
      if (abortable !== whole) whole?.abort(error)
    }
  })
  return true
}
