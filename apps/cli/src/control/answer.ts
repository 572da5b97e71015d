/** What a node answers on its control socket. */
import type { Connection, Libp2p, Peer, PeerId } from '@libp2p/interface'
import { InvalidParametersError, WeftError } from '@weft/errors'
import type { DialRecord } from '@weft/libp2p'
import { type Multiaddr, p2pOf } from '@weft/multiaddr'
import { peerIdFromString } from '@weft/peer-id'
import type { ResourceManager } from '@weft/resources'
import type { Services } from '../make-node.ts'
import { dialTarget } from '../targets.ts'
import type { TraceStep } from '../trace/step.ts'
import { traceDial } from '../trace/trace-dial.ts'
import type { Request } from './core/protocol.ts'
import { type LimitRow, limitRows } from './limits-view.ts'
import { type ConnectionView, connectionView, type DialView, dialView, type PeerView, peerView } from './views.ts'

/** Answers a request with what `node` shows: yields the items, and returns what ends the answer. */
export async function* answer(
  node: Libp2p<Services>,
  request: Request,
  signal: AbortSignal
): AsyncGenerator<DialView | ConnectionView | PeerView | LimitRow | TraceStep, object> {
  switch (request.command) {
    case 'dials':
      yield* dialsOf(node)
      return {}
    case 'connections':
      for (const connection of node.getConnections()) yield await viewOf(node, connection)
      return {}
    case 'peers':
      for (const peer of await node.peerStore.all()) yield peerView(peer, node.getConnections(peer.id).length)
      return {}
    case 'limits':
      yield* limitRows(accountsOf(node), true)
      return {}
    case 'connect':
      return yield* connect(node, request, signal)
    case 'disconnect': {
      const peer = peerIdFromString(request.peer)
      const { length } = node.getConnections(peer)
      await node.hangUp(peer, { signal })
      return { closed: length }
    }
    case 'clear-backoff':
      return { cleared: clearBackoff(node, request.targets) }
  }
}

function dialsOf(node: Libp2p): DialView[] {
  const { connectionManager } = componentsOf(node) as { connectionManager?: { getDialRecords?(): DialRecord[] } }
  const records = new Map(connectionManager?.getDialRecords?.().map(record => [record.id, record]))
  return node.getDialQueue().map(dial => dialView(dial, records.get(dial.id)))
}

/** Returns how many addresses were held back. */
function clearBackoff(node: Libp2p, targets: readonly string[]): number {
  const { connectionManager: dialer } = componentsOf(node) as {
    connectionManager?: { clearBackoff?(peer?: PeerId, address?: Multiaddr): number }
  }
  if (dialer?.clearBackoff === undefined) {
    throw new WeftError('NotFoundError', 'ERR_NO_BACKOFF', 'this node does not hold back addresses that failed')
  }
  if (targets.length === 0) return dialer.clearBackoff()
  const target = dialTarget(targets)
  if (!Array.isArray(target)) return dialer.clearBackoff(target)
  let cleared = 0
  for (const address of target) {
    const id = p2pOf(address)
    if (id === undefined) {
      throw new InvalidParametersError(`${address.toString()} names no peer: back-off is kept for each peer`)
    }
    cleared += dialer.clearBackoff(peerIdFromString(id), address)
  }
  return cleared
}

function accountsOf(node: Libp2p): ResourceManager {
  const { resourceManager } = componentsOf(node) as { resourceManager?: ResourceManager }
  if (resourceManager !== undefined) return resourceManager
  throw new WeftError('NotFoundError', 'ERR_NO_RESOURCE_MANAGER', 'this node keeps no accounts')
}

/** They are no part of a node's contract: another's may have none, or others. */
function componentsOf(node: Libp2p): object {
  return (node as Libp2p & { components?: object }).components ?? {}
}

/** What ends the answer to `connect`. Times are in ms. */
export interface Connected {
  connection: ConnectionView
  time: number
  /** How long identify took then. */
  identified?: number
}

async function* connect(
  node: Libp2p<Services>,
  { targets, trace }: Extract<Request, { command: 'connect' }>,
  signal: AbortSignal
): AsyncGenerator<TraceStep, Connected> {
  const steps: TraceStep[] = []
  let wake = (): void => {}
  const watcher = {
    step(step: TraceStep): void {
      steps.push(step)
      wake()
    }
  }
  const dialing = traceDial(node, dialTarget(targets), signal, trace ? watcher : undefined)
  const settled = dialing.then(
    () => true,
    () => true
  )
  for (let done = false; !done || steps.length > 0; ) {
    yield* steps.splice(0)
    if (done) continue
    const told = new Promise<false>(resolve => {
      wake = () => resolve(false)
    })
    done = await Promise.race([settled, told])
  }
  const { connection, time, identified } = await dialing
  const view = await viewOf(node, connection)
  return identified === undefined ? { connection: view, time } : { connection: view, time, identified }
}

async function viewOf(node: Libp2p, connection: Connection): Promise<ConnectionView> {
  return connectionView(connection, await known(node, connection.remotePeer), Date.now())
}

async function known({ peerStore }: Libp2p, peer: PeerId): Promise<Peer | undefined> {
  try {
    return await peerStore.get(peer)
  } catch (error) {
    if ((error as Error).name === 'NotFoundError') return undefined
    throw error
  }
}
