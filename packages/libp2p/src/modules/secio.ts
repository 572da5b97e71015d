// Written by scripts/facade-manifest.mjs.
export type { SecioComponents, SecioErrorCode, SecioInit } from '@weft/secio'
export { SecioError, secio } from '@weft/secio'
