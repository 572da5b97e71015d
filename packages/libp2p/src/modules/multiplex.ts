// Written by scripts/facade-manifest.mjs.
export type { MplexErrorCode, MplexOptions } from '@weft/multiplex'
export { MplexError, mplex } from '@weft/multiplex'
