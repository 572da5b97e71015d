/** A record store over any datastore: a repository's, LevelDB, IndexedDB, S3, memory. */
export { DatastoreRecordStore, type DatastoreRecordStoreInit, datastoreRecordStore } from './datastore-record-store.ts'
