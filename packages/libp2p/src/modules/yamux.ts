// Written by scripts/facade-manifest.mjs.
export type { YamuxErrorCode, YamuxOptions, YamuxStreamOptions } from '@weft/yamux'
export { GoAwayCode, YamuxError, yamux } from '@weft/yamux'
