// Written by scripts/facade-manifest.mjs.
export type { SpdyErrorCode, SpdyOptions, SpdyStreamOptions } from '@weft/spdy'
export { SpdyError, spdy } from '@weft/spdy'
