/** What a running node tells of itself: the contract between a node and what shows it, on a terminal, a page or a board. */
export { bounded, clipped, fitting, maxListLength, maxTextLength } from './bounded.ts'
export {
  type Inspectable,
  type InspectionEvent,
  inspectionOf,
  inspectSymbol,
  isInspectable,
  type NodeInspection,
  nodeInspectionSymbol,
  type WatchOptions
} from './inspection.ts'
export { transportOf } from './transport-of.ts'
export type {
  ConnectionView,
  DialStepView,
  DialView,
  ErrorView,
  IdentityView,
  LimitRow,
  OwnAddressView,
  PeerView,
  StreamView,
  Tags
} from './views.ts'
