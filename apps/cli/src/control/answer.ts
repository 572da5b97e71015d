/** What a node answers on its control socket. */
import type { Libp2p, PeerId } from '@libp2p/interface'
import { InvalidParametersError, WeftError } from '@weft/errors'
import {
  type ConnectionView,
  inspectionOf,
  type LimitRow,
  type NodeInspection,
  type PeerView
} from '@weft/interface-inspection'
import { type Multiaddr, p2pOf } from '@weft/multiaddr'
import { peerIdFromString } from '@weft/peer-id'
import type { Services } from '../make-node.ts'
import { dialTarget } from '../targets.ts'
import type { TraceStep } from '../trace/step.ts'
import { traceDial } from '../trace/trace-dial.ts'
import type { Request } from './core/protocol.ts'
import { askDht, askName, type PeerItem } from './dht.ts'
import { type DialView, dialView } from './views.ts'

/** Answers a request with what `node` shows: yields the items, and returns what ends the answer. */
export async function* answer(
  node: Libp2p<Services>,
  request: Request,
  signal: AbortSignal
): AsyncGenerator<DialView | ConnectionView | PeerView | LimitRow | TraceStep | PeerItem, object> {
  switch (request.command) {
    case 'dials':
      yield* inspect(node).dials().map(dialView)
      return {}
    case 'connections':
      yield* inspect(node).connections({ signal })
      return {}
    case 'peers':
      yield* inspect(node).peers({ signal })
      return {}
    case 'limits':
      yield* inspect(node).limits()
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
    case 'dht':
      return yield* askDht(node, request, signal)
    case 'name':
      return askName(node, request, signal)
  }
}

/** Returns how many addresses were held back. */
function clearBackoff(node: Libp2p, targets: readonly string[]): number {
  // Not part of a node's contract: another's may have none.
  const { connectionManager: dialer } = ((node as Libp2p & { components?: object }).components ?? {}) as {
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

/** Throws `NotFoundError` for a node of another implementation, which shows nothing of itself. */
function inspect(node: Libp2p): NodeInspection {
  const inspection = inspectionOf(node)
  if (inspection !== undefined) return inspection
  throw new WeftError('NotFoundError', 'ERR_NO_INSPECTION', 'this node tells nothing of itself')
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
  const view = await viewOf(node, connection.id)
  return identified === undefined ? { connection: view, time } : { connection: view, time, identified }
}

async function viewOf(node: Libp2p, id: string): Promise<ConnectionView> {
  for await (const view of inspect(node).connections()) if (view.id === id) return view
  throw new WeftError('ConnectionClosedError', 'ERR_CONNECTION_CLOSED', 'the connection was closed at once')
}
