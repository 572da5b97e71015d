import type { KadKey } from './key.ts'

/** A peer as a lookup sees it. */
export interface LookupPeer {
  /** One for each peer. */
  readonly id: string
  /** Its place. */
  readonly place: KadKey
}

/** What a lookup is for, and its bounds. */
export interface LookupInit {
  /** The place that is looked for. */
  target: KadKey
  /** This node, which is never asked. */
  self?: string
  /** Closest peers that are looked for, and taken of one answer. */
  k: number
  /** Peers that are asked at once, on all paths together. */
  alpha: number
  /** Closest peers of a path that have answered when the path has converged. */
  beta: number
  /** Disjoint paths. */
  paths: number
  /** Peers that are remembered: those further away are forgotten. */
  maxCandidates: number
  /** Whether a peer did not answer lately, and is left out. */
  isDead?(id: string): boolean
}

/** Why a lookup is over. */
export type LookupEnd =
  /** The closest peers that are known have all answered. */
  | 'converged'
  /** The caller has what it looked for. */
  | 'found'
  /** The caller does not want it any more. */
  | 'aborted'
  /** There was no peer to begin with. */
  | 'nobody to ask'
  /** All peers failed or were left out. */
  | 'nobody answered'

/** What a lookup knows of a peer that it has heard of. */
export type CandidateState = 'heard' | 'asked' | 'answered' | 'failed' | 'dead' | 'distrusted'

/** Why a peer was asked: it was among the closest of the table; of what was told on its path; of all, at the end. */
export type WhyAsked = 'table' | 'closest of its path' | 'follow-up'

/** A peer of the frontier. */
export interface Candidate<P extends LookupPeer> {
  readonly peer: P
  state: CandidateState
  path: number
  readonly depth: number
  toldBy: string | undefined
  why: WhyAsked | undefined
  told: number
  error: Error | undefined
}

/** A path, as js-libp2p's query events show it. */
export interface PathView {
  /** Its number, from 0. */
  index: number
  /** Peers that were heard of and not asked. */
  queued: number
  /** Peers that were asked and have not answered. */
  running: number
  /** Peers that it has heard of. */
  total: number
}

/** One peer of a lookup: whether and why it was asked, and what came of it. */
export interface LookupHop<P extends LookupPeer> {
  /** Who. */
  readonly peer: P
  /** On which path, from 0. */
  readonly path: number
  /** Answers that led there: 0 of a peer of the table. */
  readonly depth: number
  /** The id of who told of it; absent of a peer of the table. */
  readonly toldBy?: string
  /** Why it was asked; absent where it was not. */
  readonly why?: WhyAsked
  /**
   * It answered; failed, with the error; had not answered when the lookup was over; was not asked, because it did not answer
   * another lookup lately (`dead`) or because nobody of whom its teller told could be reached (`distrusted`).
   */
  readonly outcome: 'answered' | 'failed' | 'unanswered' | 'heard' | 'dead' | 'distrusted'
  /** Peers of its answer that were new. */
  readonly told: number
  /** Why it failed. */
  readonly error?: Error
}
