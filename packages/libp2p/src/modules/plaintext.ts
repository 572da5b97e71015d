// Written by scripts/facade-manifest.mjs.
export type { PlaintextComponents, PlaintextInit } from '@weft/plaintext'
export { plaintext } from '@weft/plaintext'
