import { WeftError } from '@weft/errors'

/** What the remote did wrong. */
export type YamuxErrorCode =
  | 'ERR_YAMUX_VERSION'
  | 'ERR_YAMUX_TYPE'
  | 'ERR_YAMUX_STREAM_ID'
  | 'ERR_YAMUX_WINDOW_EXCEEDED'
  | 'ERR_YAMUX_WINDOW_OVERFLOW'
  | 'ERR_YAMUX_UNKNOWN_STREAM'
  | 'ERR_YAMUX_FLOOD'
  | 'ERR_YAMUX_HEADER_TIMEOUT'
  | 'ERR_YAMUX_KEEP_ALIVE'
  | 'ERR_YAMUX_GO_AWAY'

/** The session is over because the remote broke the rules of yamux, sent nothing for too long, or said good-bye. */
export class YamuxError extends WeftError {
  declare readonly code: YamuxErrorCode

  constructor(code: YamuxErrorCode, message: string, facts?: Readonly<Record<string, unknown>>) {
    super('YamuxError', code, message, facts === undefined ? {} : { facts })
  }
}
