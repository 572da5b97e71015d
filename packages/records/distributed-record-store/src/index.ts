/** Several record stores as one. */
export {
  DistributedRecordStore,
  type DistributedRecordStoreInit,
  distributedRecordStore,
  type StoreFactory
} from './distributed-record-store.ts'
export type { Lookup, LookupOutcome } from './lookup.ts'
