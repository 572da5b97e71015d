import type { FaultTolerance as Contract } from '@libp2p/interface'

/**
 * What a node does when it cannot listen on some of its addresses: with `FATAL_ALL` the start fails if it can listen on
 * none of them, with `NO_FATAL` it never fails. The values are the contract's.
 */
export const FaultTolerance: { readonly FATAL_ALL: Contract.FATAL_ALL; readonly NO_FATAL: Contract.NO_FATAL } = {
  FATAL_ALL: 0,
  NO_FATAL: 1
}

export type FaultTolerance = Contract
