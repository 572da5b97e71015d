import { UnsupportedOperationError } from '@weft/errors'
import { type Transport, transport } from '@weft/interface-transport'
import type { TCPDialEvents } from './options.ts'

/** Browsers have no sockets: no address is accepted. */
export function createTransport(_components: unknown, _settings: unknown): Transport<TCPDialEvents> {
  return transport('@weft/tcp', {
    async dial() {
      throw unsupported()
    },
    createListener() {
      throw unsupported()
    },
    listenFilter: () => [],
    dialFilter: () => []
  })
}

function unsupported(): UnsupportedOperationError {
  return new UnsupportedOperationError('browsers have no TCP')
}
