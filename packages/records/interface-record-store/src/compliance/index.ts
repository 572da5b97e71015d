/** The contract suite of record stores, and the records that it puts. */
export { type RecordStoreSetup, recordStoreSuite, type RecordStoreUnderTest } from './record-store-suite.ts'
export { suiteKey, suiteRecord, suiteValidators } from './suite-records.ts'
