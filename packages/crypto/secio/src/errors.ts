import { WeftError } from '@weft/errors'

/** What ended a channel after its handshake. */
export type SecioErrorCode = 'ERR_SECIO_MAC' | 'ERR_SECIO_FRAME_LENGTH'

/** The channel is over: a frame was not sealed by the remote, or has a length that none has. */
export class SecioError extends WeftError {
  declare readonly code: SecioErrorCode

  constructor(code: SecioErrorCode, message: string, facts?: Readonly<Record<string, unknown>>) {
    super('SecioError', code, `secio: ${message}`, facts === undefined ? {} : { facts })
  }
}
