/** Runs lookups: the core of `core/lookup.ts` with requests to peers. */
import type { PeerInfo } from '@libp2p/interface'
import { AbortError } from '@weft/errors'
import { withDeadline } from '@weft/interface-protocol'
import type { KadClient } from './client.ts'
import type { Contact } from './contact.ts'
import { placeOf } from './core/key.ts'
import { type Ask, Lookup } from './core/lookup.ts'
import type { LookupEnd, LookupHop } from './core/lookup-types.ts'
import { type KadMessage, messageNames } from './core/message.ts'
import { EmptyLookupError, UnexpectedAnswerError } from './errors.ts'
import type { Settings } from './options.ts'
import type { Peers } from './peers.ts'
import { EventTypes, type QueryEvent } from './query-events.ts'

/** Peers that one lookup remembers: it asks some dozen, each of which tells of 20. */
const maxCandidates = 1024

/** What a lookup is for. */
export interface LookupOptions {
  /** When it fires, the lookup rejects with its reason. */
  signal?: AbortSignal | undefined
  /** What each peer is asked. */
  request: KadMessage
  /** Told of each answer. Returning true ends the lookup: what was looked for is found. */
  onAnswer?:
    | ((answer: KadMessage, from: Contact, closer: readonly Contact[], path: number) => boolean | void)
    | undefined
  /** Told of each step, in js-libp2p's form. Costs something: leave it out where nobody listens. */
  onEvent?: ((event: QueryEvent) => void) | undefined
}

/** What came of a lookup. */
export interface LookupResult {
  /** The closest peers that have answered, the closest first. */
  readonly closest: Contact[]
  /** Why it is over. */
  readonly end: LookupEnd
  /** Peers that were asked. */
  readonly asked: number
  /** Answers on the way to the closest peer. */
  readonly hops: number
  /** Who was asked and why, and who was left out and why. */
  trace(): LookupHop<Contact>[]
}

export class Lookups {
  private readonly _client: KadClient
  private readonly _peers: Peers
  private readonly _settings: Settings
  private readonly _lastAt = new Map<number, number>()

  constructor(client: KadClient, peers: Peers, settings: Settings) {
    this._client = client
    this._peers = peers
    this._settings = settings
  }

  /** Lookups that were run, by the bucket of their target: when the last one was, ms. */
  lastAt(prefix: number): number | undefined {
    return this._lastAt.get(prefix)
  }

  /** A lookup was run for a bucket. */
  noteBucket(prefix: number): void {
    this._lastAt.set(prefix, performance.now())
  }

  /**
   * Asks the way to a key. Rejects with `TimeoutError`, the signal's reason, or what `onAnswer` throws; that nobody could be
   * asked is told by `end`, and is no rejection.
   */
  run(key: Uint8Array, { signal, ...options }: LookupOptions): Promise<LookupResult> {
    const { lookupTimeout: timeout } = this._settings
    return withDeadline({ timeout, operation: 'a lookup', ...(signal && { signal }) }, deadline =>
      this._run(key, options, deadline)
    )
  }

  private async _run(
    key: Uint8Array,
    { request, onAnswer, onEvent }: Omit<LookupOptions, 'signal'>,
    outer: AbortSignal
  ): Promise<LookupResult> {
    const { k, alpha, beta, paths } = this._settings
    const peers = this._peers
    const target = placeOf(key)
    const isDead = (id: string): boolean => peers.isDead(id)
    const seeds = peers.table.closest(target, k)
    const lookup = new Lookup<Contact>(
      { target, self: peers.selfId, k, alpha, beta, paths, maxCandidates, isDead },
      seeds
    )
    const rest = new AbortController()
    const stop = (): void => rest.abort(outer.reason)
    outer.addEventListener('abort', stop)
    try {
      await new Promise<void>((resolve, reject) => {
        const pump = (): void => {
          for (let ask = lookup.next(); ask !== undefined; ask = lookup.next()) {
            this._ask(lookup, ask, request, rest.signal, onAnswer, onEvent).then(pump, reject)
          }
          if (lookup.ended !== undefined) resolve()
        }
        outer.addEventListener('abort', () => reject(outer.reason))
        pump()
      })
    } finally {
      outer.removeEventListener('abort', stop)
      rest.abort(new AbortError('the lookup is over'))
    }
    return {
      closest: lookup.closest().map(({ peer }) => peer),
      end: lookup.ended!,
      asked: lookup.asked,
      hops: lookup.hops,
      trace: () => lookup.trace()
    }
  }

  /** Rejects only with what a callback throws. */
  private async _ask(
    lookup: Lookup<Contact>,
    { peer, path }: Ask<Contact>,
    request: KadMessage,
    signal: AbortSignal,
    onAnswer: LookupOptions['onAnswer'],
    onEvent: LookupOptions['onEvent']
  ): Promise<void> {
    const messageName = messageNames[request.type]!
    const names = { messageName, messageType: messageName }
    const view = (): QueryEvent['path'] => lookup.pathView(path)
    if (!peer.isPeer) {
      lookup.failed(peer.id, new UnexpectedAnswerError('its id is that of no peer'))
      return
    }
    if (onEvent !== undefined) {
      if (this._peers.connectionTo(peer) === undefined) {
        onEvent({ type: EventTypes.DIAL_PEER, name: 'DIAL_PEER', peer: peer.peerId, path: view() })
      }
      onEvent({ type: EventTypes.SEND_QUERY, name: 'SEND_QUERY', to: peer.peerId, ...names, path: view() })
    }
    let answer: KadMessage
    try {
      answer = await this._client.request(peer, request, signal)
    } catch (error) {
      if (signal.aborted) return
      this._peers.failed(peer, error, request.type)
      lookup.failed(peer.id, error as Error)
      const failed = { from: peer.peerId, error: error as Error, path: view() }
      onEvent?.({ type: EventTypes.QUERY_ERROR, name: 'QUERY_ERROR', ...failed })
      return
    }
    this._peers.answered(peer)
    if (signal.aborted) return
    const closer = this._peers.read(answer.closerPeers, peer, id => lookup.get(id))
    const added = lookup.answered(peer.id, closer)
    if (onEvent !== undefined) {
      const providers = this._peers
        .read(answer.providerPeers, peer, () => undefined)
        .filter(isPeer)
        .map(infoOf)
      const told = { from: peer.peerId, ...names, closer: closer.filter(isPeer).map(infoOf), providers, path: view() }
      onEvent({ type: EventTypes.PEER_RESPONSE, name: 'PEER_RESPONSE', ...told })
      for (const { peerId } of added.filter(isPeer)) {
        onEvent({ type: EventTypes.ADD_PEER, name: 'ADD_PEER', peer: peerId, path: view() })
      }
    }
    if (onAnswer?.(answer, peer, closer, path) === true) lookup.end('found')
  }
}

const infoOf = (contact: Contact): PeerInfo => contact.info
const isPeer = (contact: Contact): boolean => contact.isPeer

/** Why a lookup found nobody; undefined where somebody answered. */
export function whyEmpty(
  { end, asked }: Pick<LookupResult, 'end' | 'asked'>,
  { left }: Pick<Peers, 'left'>,
  protocol: string,
  mode: 'client' | 'server'
): EmptyLookupError | undefined {
  if (end !== 'nobody to ask' && end !== 'nobody answered') return undefined
  const facts = { mode, connected: left.size }
  const asClient = mode === 'client' ? '; this node is in client mode' : ''
  if (end === 'nobody answered') {
    return new EmptyLookupError('ERR_NOBODY_ANSWERED', `none of ${asked} peers answered${asClient}`, { facts })
  }
  const hidden = [...left.values()].filter(why => why === 'it has no address of a kind that is used here').length
  if (hidden > 0) {
    const message = `the table is empty: ${hidden} connected peers have only private addresses${asClient}`
    return new EmptyLookupError('ERR_ONLY_PRIVATE_ADDRESSES', message, { facts })
  }
  const message = `the table is empty: no peer is known that serves ${protocol}${asClient}`
  return new EmptyLookupError('ERR_TABLE_EMPTY', message, { facts })
}
