import type { Logger, MultiaddrConnection } from '@libp2p/interface'
import type { Multiaddr } from '@weft/multiaddr'

/** A dialer. */
export interface Caller {
  /** The dialed address. */
  address: Multiaddr
  /** The logger of its connection. */
  log: () => Logger
  signal: AbortSignal
}

/** A listener, for dialers. */
export interface Endpoint {
  /** The dialer's end of a new connection; `undefined` if the listener closes meanwhile. Rejects with the signal's reason. */
  connect(caller: Caller): Promise<MultiaddrConnection | undefined>
}

const key = Symbol.for('@weft/memory/1')
const shared = globalThis as { [key]?: Map<string, Endpoint> }

/** The listeners of this process by address, the same for every copy of this package. */
export const endpoints: Map<string, Endpoint> = (shared[key] ??= new Map())
