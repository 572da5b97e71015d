/** The neighbours of a node, for routing and records of the local network. */
export { askNeighbours, type AskNeighboursOptions } from './ask-neighbours.ts'
export type { MulticastDNSComponents } from '../neighbours.ts'
export type { PresentPeer } from '../core/peer-table.ts'
export {
  keyLabel,
  type NeighbourEvents,
  Neighbourhood,
  neighbourhoodOf,
  peerLabel
} from '../neighbours.ts'
export { checkInit as checkMulticastOptions, multicastOptions } from '../options.ts'
