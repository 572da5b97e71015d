/** Records at the peers of a Kademlia DHT: PUT_VALUE and GET_VALUE. */
export { KadRecordStore, type KadRecordStoreComponents, type KadRecordStoreInit } from './kad-record-store.ts'
