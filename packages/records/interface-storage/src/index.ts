/** The contracts of what keeps things for a node: datastores and block stores (of the ecosystem), key stores (ours). */
export type { Blockstore } from 'interface-blockstore'
export type { Batch, Datastore, KeyQuery, Pair, Query } from 'interface-datastore'
export { isKeyExistsError, KeyExistsError } from './errors.ts'
export { checkKeyName, type KeyStore, maxKeyNameLength } from './key-store.ts'
