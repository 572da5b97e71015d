// Written by scripts/facade-manifest.mjs.
export type {
  MulticastRecordStore,
  MulticastRecordStoreComponents,
  MulticastRecordStoreInit
} from '@weft/mdns-record-store'
export { mdnsRecordStore } from '@weft/mdns-record-store'
