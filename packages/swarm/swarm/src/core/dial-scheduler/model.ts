/** What the dial scheduler is told, what it shows and what it asks for. Times are milliseconds on the clock of `now`. */

/** What an attempt takes a token of, beside the peer's. `none`: it shares a socket that is open anyway. */
export type TokenClass = 'fd' | 'webrtc' | 'webtransport' | 'relay' | 'none'

/** How far away an address is: each kind has a stagger of its own. */
export type Reach = 'private' | 'public' | 'relay'

/** How far an attempt came. */
export type DialStage = 'resolve' | 'wait' | 'connect' | 'negotiate' | 'secure' | 'mux' | 'identify'

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

/** The state of one address of a dial. */
export type AddressState =
  | { readonly kind: 'filtered'; readonly reason: string }
  | { readonly kind: 'waiting'; readonly for: WaitingFor; readonly since: number }
  | { readonly kind: 'dialing'; readonly since: number; readonly stage: DialStage }
  | { readonly kind: 'failed'; readonly stage: DialStage; readonly error: Error; readonly elapsed: number }
  | { readonly kind: 'connected'; readonly elapsed: number }
  | { readonly kind: 'skipped'; readonly reason: string; readonly elapsed?: number }

/** The state of one dial. `queued` waits for its turn among the dials to other peers; the last three are its ends. */
export type DialState<A> =
  | { readonly kind: 'queued' }
  | { readonly kind: 'resolving' }
  | { readonly kind: 'dialing' }
  | { readonly kind: 'connected'; readonly attempt: number; readonly address: A }
  | { readonly kind: 'failed'; readonly error: Error | undefined }
  | { readonly kind: 'abandoned' }

/** One address in the record of a dial. */
export interface AddressReport {
  readonly text: string
  readonly source: string
  readonly state: AddressState
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
  | { readonly kind: 'failed'; readonly error: Error | undefined; readonly report: DialReport<A> }
  | { readonly kind: 'timeout'; readonly report: DialReport<A> }
  | { readonly kind: 'left' }
  | { readonly kind: 'refused'; readonly queued: number }

/** Why an attempt is to be given up. */
export type AbortReason = 'timeout' | 'lost' | 'abandoned' | 'ended'

/**
 * What the adapter has to do. Each `start` is answered by exactly one `attemptSucceeded` or `attemptFailed`, also after
 * an `abort`: until then its tokens are in use.
 */
export type Action<A> =
  /** The dial has its turn: its address sources are to be opened. */
  | { readonly type: 'open'; readonly dial: number }
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
}

/** A caller's place in a dial. `dial` is `undefined` where the dial was refused. */
export interface Ticket {
  readonly caller: number
  readonly dial: number | undefined
  readonly joined: boolean
}
