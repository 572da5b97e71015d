/** Records that the peers of a local network share, by multicast DNS. */
export { type MulticastRecordStore, mdnsRecordStore } from './mdns-record-store.ts'
export type { MulticastRecordStoreComponents, MulticastRecordStoreInit } from './options.ts'
