/** What a query tells while it runs, in the form of js-libp2p's kad-dht. */
import type { PeerId, PeerInfo, RoutingOptions } from '@libp2p/interface'
import type { KadMessageName } from './core/message.ts'
import type { PathView } from './core/lookup-types.ts'

/** Numbers of the kinds of events. */
export const EventTypes = {
  SEND_QUERY: 0,
  PEER_RESPONSE: 1,
  FINAL_PEER: 2,
  QUERY_ERROR: 3,
  PROVIDER: 4,
  VALUE: 5,
  ADD_PEER: 6,
  DIAL_PEER: 7,
  PATH_ENDED: 8
} as const

/** A value that a peer holds. */
export interface DHTRecord {
  /** Its key. */
  key: Uint8Array
  /** What is stored. */
  value: Uint8Array
  /** When its holder received it. */
  timeReceived?: Date
}

/** What all events have. */
export interface QueryStep<Name extends keyof typeof EventTypes> {
  /** Its kind, as a number. */
  type: (typeof EventTypes)[Name]
  /** Its kind, as text. */
  name: Name
  /** The path on which it happened. Its index is -1 where it was on none. */
  path: PathView
}

/** The type of a message, twice, as js-libp2p has it. */
interface OfMessage {
  /** The type of the message. */
  messageName: KadMessageName
  /** The same. */
  messageType: KadMessageName
}

/** A peer is asked. */
export interface SendQueryEvent extends QueryStep<'SEND_QUERY'>, OfMessage {
  /** Who is asked. */
  to: PeerId
}

/** A peer has answered. */
export interface PeerResponseEvent extends QueryStep<'PEER_RESPONSE'>, OfMessage {
  /** Who has answered. */
  from: PeerId
  /** Peers that it told of. */
  closer: PeerInfo[]
  /** Providers that it told of. */
  providers: PeerInfo[]
  /** The value that it holds. */
  record?: DHTRecord
}

/** A peer that was looked for was found. */
export interface FinalPeerEvent extends QueryStep<'FINAL_PEER'> {
  /** Who told of it. */
  from: PeerId
  /** The peer. */
  peer: PeerInfo
}

/** A peer did not answer. */
export interface QueryErrorEvent extends QueryStep<'QUERY_ERROR'> {
  /** Who was asked. */
  from: PeerId
  /** Why. */
  error: Error
}

/** Providers were found. */
export interface ProviderEvent extends QueryStep<'PROVIDER'> {
  /** Who told of them. */
  from: PeerId
  /** The providers. */
  providers: PeerInfo[]
}

/** A value was found. */
export interface ValueEvent extends QueryStep<'VALUE'> {
  /** Who holds it. */
  from: PeerId
  /** The value. */
  value: Uint8Array
}

/** A peer was heard of. */
export interface AddPeerEvent extends QueryStep<'ADD_PEER'> {
  /** The peer. */
  peer: PeerId
}

/** A peer is dialed. */
export interface DialPeerEvent extends QueryStep<'DIAL_PEER'> {
  /** The peer. */
  peer: PeerId
}

/** A path has nobody left to ask. */
export type PathEndedEvent = QueryStep<'PATH_ENDED'>

/** Any of them. */
export type QueryEvent =
  | SendQueryEvent
  | PeerResponseEvent
  | FinalPeerEvent
  | QueryErrorEvent
  | ProviderEvent
  | ValueEvent
  | AddPeerEvent
  | DialPeerEvent
  | PathEndedEvent

/** How a query is run. */
export interface QueryOptions extends RoutingOptions {
  /** False to be told of results only, `FINAL_PEER` and `PROVIDER`: each step costs something. @default true */
  steps?: boolean
}

/** The type of a progress event of js-libp2p: `kad-dht:query:send-query`. */
export function progressNameOf({ name }: QueryEvent): string {
  return `kad-dht:query:${name.toLowerCase().replaceAll('_', '-')}`
}

/**
 * What `work` tells, as it is taken. Whoever leaves the loop aborts the work; what the work rejects with comes out of the loop.
 */
export async function* eventsOf<T>(
  work: (emit: (event: T) => void, signal: AbortSignal) => Promise<void>
): AsyncGenerator<T> {
  const left = new AbortController()
  const events: T[] = []
  let wake: (() => void) | undefined
  let over = false
  const emit = (event: T): void => {
    events.push(event)
    wake?.()
  }
  const working = work(emit, left.signal).finally(() => {
    over = true
    wake?.()
  })
  working.catch(() => {})
  try {
    for (;;) {
      while (events.length > 0) yield events.shift()!
      if (over) break
      await new Promise<void>(resolve => (wake = resolve))
    }
    await working
  } finally {
    left.abort()
  }
}
