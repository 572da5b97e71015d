/**
 * Peer routing and provider records by Kademlia (libp2p/specs, kad-dht): `/ipfs/kad/1.0.0` and protocols of other names. Values
 * are added by an extension.
 */
export {
  passthroughMapper,
  type PeerInfoMapper,
  removePrivateAddressesMapper,
  removePublicAddressesMapper
} from './addresses.ts'
export type { KadComponents } from './components.ts'
export type { Contact } from './contact.ts'
export type { LookupEnd, LookupHop, PathView, WhyAsked } from './core/lookup-types.ts'
export {
  type KadMessage,
  type KadMessageName,
  type KadMessagePeer,
  type KadMessageType,
  kadRequest,
  messageTypes
} from './core/message.ts'
export {
  EmptyLookupError,
  type EmptyLookupCode,
  isEmptyLookupError,
  ProvideError,
  RefusedRequestError,
  UnexpectedAnswerError
} from './errors.ts'
export type { KadExtension, RequestContext } from './extension.ts'
export { kadRouting } from './factory.ts'
export { type KadMode, KadRouting } from './kad-routing.ts'
export type { LookupOptions, LookupResult } from './lookups.ts'
export {
  KAD_PROTOCOL,
  type KadRoutingInit,
  kadRoutingOptions,
  LAN_KAD_PROTOCOL,
  type Settings,
  settingsOf
} from './options.ts'
export {
  type AddPeerEvent,
  type DHTRecord,
  type DialPeerEvent,
  eventsOf,
  EventTypes,
  type FinalPeerEvent,
  type PathEndedEvent,
  type PeerResponseEvent,
  type ProviderEvent,
  type QueryErrorEvent,
  type QueryEvent,
  type QueryOptions,
  type QueryStep,
  type SendQueryEvent,
  type ValueEvent
} from './query-events.ts'
