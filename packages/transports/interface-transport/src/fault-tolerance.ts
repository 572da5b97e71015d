import type { FaultTolerance as Contract } from '@libp2p/interface'

/**
 * What a node does when it cannot listen on some of its addresses: `FATAL_ALL` fails the start when none can be listened
 * on, `NO_FATAL` starts all the same. The numbers are the contract's.
 */
export const FaultTolerance: { readonly FATAL_ALL: Contract.FATAL_ALL; readonly NO_FATAL: Contract.NO_FATAL } = {
  FATAL_ALL: 0,
  NO_FATAL: 1
}

export type FaultTolerance = Contract
