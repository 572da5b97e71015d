// Written by scripts/facade-manifest.mjs.
export type {
  KadComponents,
  KadDHTInit,
  KadRecordStoreComponents,
  KadRecordStoreInit,
  PeerInfoMapper,
  QueryEvent,
  QueryOptions,
  SelectFn,
  ValidateFn
} from '@weft/kad-record-store'
export {
  EventTypes,
  KAD_PROTOCOL,
  KadDHT,
  KadRecordStore,
  LAN_KAD_PROTOCOL,
  kadDHT,
  passthroughMapper,
  removePrivateAddressesMapper,
  removePublicAddressesMapper
} from '@weft/kad-record-store'
