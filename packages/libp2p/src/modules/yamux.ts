// Written by scripts/facade-manifest.mjs.
export type { YamuxErrorCode, YamuxOptions, YamuxStreamOptions } from '@weft/yamux'
export { YamuxError, yamux } from '@weft/yamux'
