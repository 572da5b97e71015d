import { WeftError } from '@weft/errors'

/** What a `PeerStoreFullError` knows. */
export interface PeerStoreFacts {
  /** Bytes that the store may hold. */
  limit: number
  /** Bytes that it holds: of peers that are connected or tagged, once the others are forgotten. */
  current: number
  /** Bytes that the update would have added. */
  requested: number
  /** The option that changes the limit. */
  option: string
}

/** An update does not fit into the peer store: what is in it belongs to peers that are connected or tagged. */
export class PeerStoreFullError extends WeftError {
  /** Bytes that the store may hold. */
  declare readonly limit: number
  /** Bytes that it holds. */
  declare readonly current: number
  /** Bytes that the update would have added. */
  declare readonly requested: number
  /** The option that changes the limit. */
  declare readonly option: string

  constructor(facts: PeerStoreFacts) {
    const { limit, current, requested, option } = facts
    super(
      'PeerStoreFullError',
      'ERR_PEER_STORE_FULL',
      `the peer store holds ${current} of at most ${limit} bytes, and ${requested} more were refused: option ${option}`,
      { facts: { ...facts } }
    )
  }
}
