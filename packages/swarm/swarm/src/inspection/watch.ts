/** A node's events for whoever watches it: bounded, whatever the reader's speed. */
import type { Connection, Libp2pEvents, PeerId, TypedEventTarget } from '@libp2p/interface'
import { clipped, type InspectionEvent, type WatchOptions } from '@weft/interface-inspection'

const defaultBuffer = 1000

const kinds = [
  'peer:discovery',
  'peer:connect',
  'peer:disconnect',
  'peer:identify',
  'peer:reconnect-failure',
  'connection:open',
  'connection:close',
  'connection:prune',
  'transport:listening',
  'transport:close'
] as const satisfies ReadonlyArray<keyof Libp2pEvents>

/** Listens from now on, not only from the first read. */
export function watchEvents(
  events: TypedEventTarget<Libp2pEvents>,
  { signal, buffer = defaultBuffer }: WatchOptions
): AsyncIterable<InspectionEvent> {
  const waiting: InspectionEvent[] = []
  let lost = 0
  let wake = (): void => {}
  const take = (event: { type: string; detail?: unknown }): void => {
    waiting.push(eventView(event.type, event.detail))
    if (waiting.length > buffer) {
      waiting.shift()
      lost++
    }
    wake()
  }
  const end = (): void => {
    for (const kind of kinds) events.removeEventListener(kind, take as never)
    signal?.removeEventListener('abort', end)
    wake()
  }
  for (const kind of kinds) events.addEventListener(kind, take as never)
  signal?.addEventListener('abort', end)

  async function* read(): AsyncGenerator<InspectionEvent> {
    try {
      while (signal?.aborted !== true) {
        if (lost > 0) {
          const count = lost
          lost = 0
          yield { at: Date.now(), kind: 'lost', count }
        }
        const next = waiting.shift()
        if (next !== undefined) yield next
        else await new Promise<void>(resolve => (wake = resolve))
      }
    } finally {
      end()
    }
  }
  return read()
}

/** The detail of an event is a peer, a connection, a listener, or an object that names a peer. */
function eventView(kind: string, detail: unknown): InspectionEvent {
  const view = { at: Date.now(), kind }
  if (typeof detail !== 'object' || detail === null) return view
  const { remotePeer, remoteAddr, id, peerId } = detail as Partial<Pick<Connection, 'remotePeer' | 'remoteAddr'>> & {
    id?: string | PeerId
    peerId?: PeerId
  }
  if (remotePeer !== undefined && remoteAddr !== undefined) {
    return {
      ...view,
      peer: remotePeer.toString(),
      connection: clipped(`${id?.toString()}`),
      address: clipped(remoteAddr.toString())
    }
  }
  if (kind === 'transport:listening' || kind === 'transport:close' || Array.isArray(detail)) return view
  const peer = peerId ?? id ?? (detail as PeerId)
  return { ...view, peer: clipped(peer.toString()) }
}
