// Written by scripts/facade-manifest.mjs.
export type { KeyWriter, PnetErrorCode, ProtectorComponents, ProtectorInit } from '@weft/pnet'
export { PnetError, generateKey, preSharedKey } from '@weft/pnet'
