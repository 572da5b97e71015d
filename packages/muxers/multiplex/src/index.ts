/** Mplex, `/mplex/6.7.0`: streams without flow control over one connection, for peers without a better muxer. */
export { MplexError, type MplexErrorCode } from './errors.ts'
export { mplex } from './mplex.ts'
export { type MplexOptions } from './options.ts'
