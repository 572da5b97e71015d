import { WeftError } from '@weft/errors'

/** The violation by the remote. */
export type SpdyErrorCode =
  | 'ERR_SPDY_VERSION'
  | 'ERR_SPDY_LENGTH'
  | 'ERR_SPDY_HEADERS'
  | 'ERR_SPDY_STREAM_ID'
  | 'ERR_SPDY_WINDOW_EXCEEDED'
  | 'ERR_SPDY_WINDOW_OVERFLOW'
  | 'ERR_SPDY_UNKNOWN_STREAM'
  | 'ERR_SPDY_FLOOD'
  | 'ERR_SPDY_FRAME_TIMEOUT'
  | 'ERR_SPDY_GO_AWAY'

/** The session ended because the remote violates the protocol, floods it, or sent GOAWAY. */
export class SpdyError extends WeftError {
  declare readonly code: SpdyErrorCode

  constructor(code: SpdyErrorCode, message: string, facts?: Readonly<Record<string, unknown>>) {
    super('SpdyError', code, message, facts === undefined ? {} : { facts })
  }
}
