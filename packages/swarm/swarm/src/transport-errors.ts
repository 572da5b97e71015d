import { WeftError } from '@weft/errors'

/** No transport of the node dials such an address. `address` is its text. */
export class TransportUnavailableError extends WeftError {
  constructor(address: string) {
    super('TransportUnavailableError', 'ERR_TRANSPORT_UNAVAILABLE', `no transport dials ${address}`, {
      facts: { address }
    })
  }
}

/** No transport of the node listens on such an address. `address` is its text. */
export class UnsupportedListenAddressError extends WeftError {
  constructor(address: string) {
    super('UnsupportedListenAddressError', 'ERR_UNSUPPORTED_LISTEN_ADDRESS', `no transport listens on ${address}`, {
      facts: { address }
    })
  }
}

/** Some addresses could not be listened on. `failures` is a map of their texts to the errors. */
export class UnsupportedListenAddressesError extends WeftError {
  /** Why, for the text of each address. */
  declare readonly failures: ReadonlyMap<string, Error>

  constructor(failures: ReadonlyMap<string, Error>) {
    const lines = [...failures].map(([address, error]) => `\n  ${address}: ${error.message}`)
    super(
      'UnsupportedListenAddressesError',
      'ERR_LISTEN_FAILED',
      `could not listen on these addresses (remove them, or set transportManager.faultTolerance to NO_FATAL):${lines.join('')}`,
      { facts: { failures }, cause: [...failures.values()][0] }
    )
  }
}
