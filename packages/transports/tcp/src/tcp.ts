import { createTransport } from '#transport'
import { checkOptions } from '@weft/errors'
import type { Transport } from '@weft/interface-transport'
import { settingsOf, type TCPComponents, type TCPDialEvents, type TCPOptions, tcpOptions } from './options.ts'

/**
 * Creates the TCP transport for `transports`: it dials and listens on `/ip4`, `/ip6` and `/dns...` with `/tcp`, and on
 * `/unix`. Throws `InvalidParametersError`, which names the option. In browsers, which have no sockets, it accepts no
 * address.
 */
export function tcp(options: TCPOptions = {}): (components: TCPComponents) => Transport<TCPDialEvents> {
  const tellNotices = checkOptions('tcp', tcpOptions, options)
  const settings = settingsOf(options)
  return components => {
    tellNotices(components)
    return createTransport(components, settings)
  }
}
