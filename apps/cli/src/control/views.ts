/** A dial as it is printed: what became of each address so far, from the steps that the node shows. */
import { clipped, type DialView as NodeDialView, fitting } from '@weft/interface-inspection'
import type { TraceStep } from '../trace/step.ts'
import { type End, reasonOf, type Stage, type Timeline, timelines } from '../trace/timeline.ts'

/** A dial that waits or runs. */
export interface DialView {
  id: string
  status: string
  peer?: string
  /** Milliseconds since it began. */
  elapsed: number
  addresses: AddressView[]
  /** Addresses for which there was no room. */
  omitted?: number
}

/** An address of a dial. */
export interface AddressView {
  address: string
  /** Who brought it. */
  source: string
  /** The stage that it is at, or how it ended. */
  state: Stage | End['kind']
  /** Why it ended so, or what it waits for. */
  reason?: string
}

export function dialView({ id, status, peer, elapsed, steps }: NodeDialView): DialView {
  const all = timelines(steps as unknown as TraceStep[]).map(addressView)
  const addresses = fitting(all, maxAddressesLength)
  return {
    id,
    status,
    ...(peer === undefined ? {} : { peer }),
    elapsed,
    addresses,
    ...(addresses.length === all.length ? {} : { omitted: all.length - addresses.length })
  }
}

function addressView({ address, source, spans, waiting, end }: Timeline): AddressView {
  const reason = end === undefined ? waiting?.for : reasonOf(end)
  return {
    address: clipped(address),
    source: clipped(source),
    state: end?.kind ?? spans.at(-1)?.stage ?? 'wait',
    ...(reason === undefined ? {} : { reason: clipped(reason) })
  }
}

// The addresses of a dial are all that its line is about.
const maxAddressesLength = 56 * 1024
