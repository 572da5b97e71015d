import type { Connection, MultiaddrConnection } from '@libp2p/interface'
import { abortReason, checkOptions, ConnectionFailedError } from '@weft/errors'
import { type DialTransportOptions, type Transport, transport } from '@weft/interface-transport'
import { CODE_P2P, isMemory, type Multiaddr } from '@weft/multiaddr'
import { MemoryListener } from './listener.ts'
import { memoryOptions, type MemoryTransportComponents, type MemoryTransportInit, settingsOf } from './options.ts'
import { endpoints } from './registry.ts'

/**
 * Creates the memory transport for `transports`: it dials and listens on `/memory/<name>`, where names are global in
 * the process. Throws `InvalidParametersError`, which names the option.
 */
export function memory(init: MemoryTransportInit = {}): (components: MemoryTransportComponents) => Transport {
  const tellNotices = checkOptions('memory', memoryOptions, init)
  const settings = settingsOf(init)
  const accept = (addresses: Multiaddr[]): Multiaddr[] => addresses.filter(isMemory)
  return ({ logger }) => {
    tellNotices({ logger })
    const log = logger.forComponent('libp2p:memory')

    async function dial(address: Multiaddr, options: DialTransportOptions): Promise<Connection> {
      const { signal, upgrader } = options
      if (signal.aborted) throw abortReason(signal)
      const endpoint = endpoints.get(address.decapsulateCode(CODE_P2P).toString())
      if (endpoint === undefined) throw nobodyAt(address)
      const connection = await endpoint.connect({ address, log: () => log.newScope('connection'), signal })
      if (connection === undefined) throw nobodyAt(address)
      return upgrade(connection, () =>
        upgrader.upgradeOutbound(connection, { ...options, ...settings.upgraderOptions, signal })
      )
    }

    return transport(
      '@weft/memory',
      {
        dial,
        createListener: options => new MemoryListener(log, settings, options),
        listenFilter: accept,
        dialFilter: accept
      },
      { name: 'memory', tokenClass: 'none', roundTrips: 0 }
    )
  }
}

async function upgrade(connection: MultiaddrConnection, run: () => Promise<Connection>): Promise<Connection> {
  try {
    return await run()
  } catch (error) {
    connection.abort(error as Error)
    throw error
  }
}

function nobodyAt(address: Multiaddr): ConnectionFailedError {
  return new ConnectionFailedError(`nobody listens on ${address.toString()}`, {
    facts: { address: address.toString() }
  })
}
