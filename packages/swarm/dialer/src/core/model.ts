/** What the dial scheduler is told, what it shows and what it asks for. Times are milliseconds on the clock of `now`. */

import type { DialStage } from '@weft/errors'

/** What an attempt takes a token of, beside the peer's. `none`: it shares a socket that is open anyway. */
export type TokenClass = 'fd' | 'webrtc' | 'webtransport' | 'relay' | 'none'

/** How far away an address is: each kind has a stagger of its own. */
export type Reach = 'private' | 'public' | 'relay'

/** A kind of network that may swallow every packet: one detector watches each. */
export type Path = 'udp' | 'ip6'

/** An address as the scheduler sees it. */
export interface DialAddress {
  /** Names the address within its dial: the same text is never tried twice in one dial. */
  readonly text: string
  readonly tokenClass: TokenClass
  readonly reach: Reach
  /** Order among addresses of one reach, lower first (`rankOf`). */
  readonly rank: number
  /** Who brought it: `caller`, `peer-store`, `routing`, ... */
  readonly source: string
  /** Starts without a stagger: a caller asked for this very address while the dial was under way. */
  readonly urgent?: boolean
  /** Tried also if it failed lately: a caller named this very address. */
  readonly ignoresBackoff?: boolean
  /** Black holes that the address may lead into. */
  readonly paths?: readonly Path[]
}

/** What an address waits for. */
export type WaitingFor = 'stagger' | 'backoff' | 'peer-token' | 'class-token'

/** The state of one address of a dial. `elapsed`: ms since it was started, or since it arrived if it never was. */
export type AddressState =
  | { readonly kind: 'filtered'; readonly reason: string }
  | { readonly kind: 'resolving'; readonly since: number }
  /** The look-up of a name has ended, with so many addresses. */
  | { readonly kind: 'resolved'; readonly elapsed: number; readonly count: number }
  /** `until`: when a back-off ends. */
  | { readonly kind: 'waiting'; readonly for: WaitingFor; readonly since: number; readonly until?: number }
  | { readonly kind: 'dialing'; readonly since: number; readonly stage: DialStage }
  | { readonly kind: 'failed'; readonly stage: DialStage; readonly error: Error; readonly elapsed: number }
  | { readonly kind: 'connected'; readonly elapsed: number }
  | { readonly kind: 'cancelled'; readonly stage: DialStage; readonly reason: string; readonly elapsed: number }

/**
 * One step of a dial, with `at`, the milliseconds since the dial began. Apart from `source`, each is about one address,
 * by its text, which is unique in the dial: `added` comes first; `filtered`, `resolved`, `failed`, `cancelled` and
 * `connected` come last.
 */
export type DialTrace =
  /** A source of addresses was opened (`open`), or brings no more. */
  | { readonly kind: 'source'; readonly at: number; readonly source: string; readonly open: boolean }
  /** The address arrived and was ranked. Unless the next step says otherwise it waits for its stagger. */
  | { readonly kind: 'added'; readonly at: number; readonly address: string; readonly source: string }
  /** It is left out. */
  | { readonly kind: 'filtered'; readonly at: number; readonly address: string; readonly reason: string }
  /** It waits: for a back-off that ends at `until`, for its stagger after one, for a token of its peer or of its class. */
  | {
      readonly kind: 'waiting'
      readonly at: number
      readonly address: string
      readonly for: WaitingFor
      readonly tokenClass: TokenClass
      readonly until?: number
    }
  /** It is dialed. */
  | { readonly kind: 'started'; readonly at: number; readonly address: string }
  /** It has come so far. A name is at `resolve` while it is looked up. */
  | { readonly kind: 'stage'; readonly at: number; readonly address: string; readonly stage: DialStage }
  /** A name was looked up. What it led to is added with the name as its source. */
  | {
      readonly kind: 'resolved'
      readonly at: number
      readonly address: string
      readonly elapsed: number
      readonly count: number
    }
  /** It failed at `stage`, `elapsed` ms after it was started. */
  | {
      readonly kind: 'failed'
      readonly at: number
      readonly address: string
      readonly stage: DialStage
      readonly elapsed: number
      readonly error: Error
    }
  /** It was given up at `stage`, `elapsed` ms after it was started, or arrived if it never was: then it was at `wait`. */
  | {
      readonly kind: 'cancelled'
      readonly at: number
      readonly address: string
      readonly stage: DialStage
      readonly elapsed: number
      readonly reason: string
    }
  /** It connected, `elapsed` ms after it was started: the dial is decided. */
  | { readonly kind: 'connected'; readonly at: number; readonly address: string; readonly elapsed: number }

/**
 * The state of one dial. `queued` waits for its turn among the dials to other peers; the last four are its ends;
 * `answered`: the peer connected to this node first.
 */
export type DialState<A> =
  | { readonly kind: 'queued' }
  | { readonly kind: 'resolving' }
  | { readonly kind: 'dialing' }
  | { readonly kind: 'connected'; readonly attempt: number; readonly address: A }
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly error: Error | undefined }
  | { readonly kind: 'abandoned' }

/** One address in the record of a dial. */
interface AddressReport {
  readonly text: string
  readonly source: string
  readonly state: AddressState
  readonly addedAt: number
}

/** The record of a dial: every address with what became of it. */
export interface DialReport<A> {
  readonly dial: number
  readonly peer: string
  readonly state: DialState<A>
  readonly startedAt: number
  readonly elapsed: number
  readonly addresses: readonly AddressReport[]
  /** Sources that may still bring addresses. */
  readonly sources: readonly string[]
  /** Addresses that were left out of the record because it was full. */
  readonly unrecorded: number
}

/** How a caller's wait ended. */
export type Outcome<A> =
  | { readonly kind: 'connected'; readonly attempt: number; readonly address: A }
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly error: Error | undefined; readonly report: DialReport<A> }
  | { readonly kind: 'timeout'; readonly report: DialReport<A> }
  | { readonly kind: 'left' }
  | { readonly kind: 'refused'; readonly dials: number }

/** Why an attempt is to be given up. */
export type AbortReason = 'timeout' | 'lost' | 'abandoned' | 'ended'

/**
 * What the adapter has to do. Each `start` is answered by exactly one `attemptSucceeded` or `attemptFailed`, also after
 * an `abort`: until then its tokens are in use.
 */
export type Action<A> =
  /** The dial has its turn: its address sources are to be opened. */
  | { readonly type: 'open'; readonly dial: number }
  /** Nothing of it is under way, and nothing waits for its turn: sources that are held back are to be asked. */
  | { readonly type: 'ask-deferred'; readonly dial: number }
  | { readonly type: 'start'; readonly dial: number; readonly attempt: number; readonly address: A }
  | { readonly type: 'abort'; readonly dial: number; readonly attempt: number; readonly reason: AbortReason }
  /** The attempt connected after the dial was decided: its connection is to be closed. */
  | { readonly type: 'close'; readonly dial: number; readonly attempt: number; readonly address: A }
  | {
      readonly type: 'settle'
      readonly dial: number | undefined
      readonly caller: number
      readonly outcome: Outcome<A>
    }
  /** A step of a dial, for a caller who wants to be told, or for the watcher. */
  | { readonly type: 'trace'; readonly dial: number; readonly caller: number; readonly trace: DialTrace }
  /** The dial is over: its sources are to be closed. */
  | { readonly type: 'end'; readonly dial: number }

/** How a dial is started. */
export interface DialOptions {
  /** A dial of its own, which ignores back-off. @default false */
  readonly forced?: boolean
  /** Among dials that wait for their turn the highest goes first. @default 50 */
  readonly priority?: number
  /** Names of the sources that will bring addresses; each ends by `sourceEnded`. */
  readonly sources: readonly string[]
  /** Whether the caller is to be told of each step by `trace` actions. @default false */
  readonly traced?: boolean
}

/** How a caller waits. */
export interface JoinOptions extends Pick<DialOptions, 'traced' | 'priority'> {
  /** When his wait ends, ms on the clock of `now`. */
  readonly deadline?: number | undefined
}

/** A caller's place in a dial. `dial` is `undefined` where the dial was refused. */
export interface Ticket {
  readonly caller: number
  readonly dial: number | undefined
  readonly joined: boolean
}
