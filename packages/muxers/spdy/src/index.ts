/** SPDY/3.1, `/spdy/3.1.0`: streams with flow control over one connection, for peers of before 2020. */
export { SpdyError, type SpdyErrorCode } from './errors.ts'
export { type SpdyOptions, type SpdyStreamOptions } from './options.ts'
export { spdy } from './spdy.ts'
