/** Private networks by a pre-shared key, `/key/swarm/psk/1.0.0/`: only nodes with the key can read a connection. */
export { PnetError, type PnetErrorCode } from './errors.ts'
export { generateKey, type KeyWriter } from './generate-key.ts'
export { preSharedKey, type ProtectorComponents, type ProtectorInit } from './pre-shared-key.ts'
