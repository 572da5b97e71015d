import { WeftError, type WeftErrorOptions } from '@weft/errors'

/** What is wrong with an address. */
export type MultiaddrErrorCode =
  /** Neither text that begins with "/", nor bytes, nor another kind of input that is taken. */
  | 'ERR_INVALID_MULTIADDR'
  /** The bytes end inside a component. */
  | 'ERR_MULTIADDR_TRUNCATED'
  /** A protocol code or length is no minimal varint. */
  | 'ERR_MULTIADDR_VARINT'
  /** A protocol that the registry does not know. */
  | 'ERR_UNKNOWN_PROTOCOL'
  /** A value that its protocol does not allow, or a missing one. */
  | 'ERR_MULTIADDR_VALUE'
  /** More than `maxComponents`. */
  | 'ERR_MULTIADDR_COMPONENTS'
  /** Longer than `maxMultiaddrLength`. */
  | 'ERR_MULTIADDR_LENGTH'

/** Text, bytes or components are no multiaddr. js-libp2p's name, with a code for each reason. */
export class InvalidMultiaddrError extends WeftError {
  constructor(code: MultiaddrErrorCode, message: string, options?: WeftErrorOptions) {
    super('InvalidMultiaddrError', code, message, options)
  }
}
