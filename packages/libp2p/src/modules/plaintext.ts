// Written by scripts/facade-manifest.mjs.
export type { PlaintextComponents } from '@weft/plaintext'
export { plaintext } from '@weft/plaintext'
