/** Records at the peers of a Kademlia DHT: PUT_VALUE and GET_VALUE; and the whole DHT in js-libp2p's form, `kadDHT`. */
export {
  EventTypes,
  KAD_PROTOCOL,
  type KadComponents,
  LAN_KAD_PROTOCOL,
  passthroughMapper,
  type PeerInfoMapper,
  type QueryEvent,
  type QueryOptions,
  removePrivateAddressesMapper,
  removePublicAddressesMapper
} from '@weft/kad-routing'
export { KadDHT, type KadDHTInit, kadDHT, type SelectFn, type ValidateFn } from './kad-dht.ts'
export { KadRecordStore, type KadRecordStoreComponents, type KadRecordStoreInit } from './kad-record-store.ts'
