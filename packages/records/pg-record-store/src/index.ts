/** A record store that many nodes share, in PostgreSQL. */
export { type PgRecordStore, pgRecordStore, type PgRecordStoreInit, type Rank } from './pg-record-store.ts'
