/** The neighbours of a node, for routing and records of the local network. */
export {
  keyLabel,
  type NeighbourEvents,
  Neighbourhood,
  neighbourhoodOf,
  peerLabel
} from '../neighbours.ts'
export { checkInit as checkMulticastOptions, multicastOptions } from '../options.ts'
