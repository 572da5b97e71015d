/** Mplex, `/mplex/6.7.0`: streams without flow control over one connection, for peers that have nothing better. */
export { MplexError, type MplexErrorCode } from './errors.ts'
export { mplex } from './mplex.ts'
export { type MplexOptions } from './options.ts'
