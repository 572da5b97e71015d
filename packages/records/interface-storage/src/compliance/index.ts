/** The contract suites of stores. The public suites of `interface-datastore` and `interface-blockstore` run beside them. */
export { type BlockstoreSetup, blockstoreSuite } from './blockstore-suite.ts'
export { type DatastoreSetup, datastoreSuite } from './datastore-suite.ts'
export { type KeyStoreSetup, keyStoreSuite } from './key-store-suite.ts'
