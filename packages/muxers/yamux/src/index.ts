/** Yamux, `/yamux/1.0.0`: streams with flow control over one connection. */
export { YamuxError, type YamuxErrorCode } from './errors.ts'
export { GoAwayCode } from './go-away-code.ts'
export { type YamuxOptions, type YamuxStreamOptions } from './options.ts'
export { yamux } from './yamux.ts'
