import type { Connection, Libp2p } from '@libp2p/interface'
import type { Multiaddr } from '@weft/multiaddr'
import type { Io } from './io.ts'
import { makeNode, type Services } from './make-node.ts'
import { type PskChoice, protectorOf } from './psk-file.ts'

/** What a command works with while it is connected. */
export interface Session {
  node: Libp2p<Services>
  connection: Connection
  /** Milliseconds that the dial took. */
  elapsed: number
}

/** Connects to a peer at one of its addresses, with an identity of the moment, does the work, and hangs up. */
export async function withConnection<T>(
  io: Io,
  addresses: Multiaddr | Multiaddr[],
  network: PskChoice,
  work: (session: Session) => Promise<T>
): Promise<T> {
  const node = await makeNode({ connectionProtector: await protectorOf(network) })
  try {
    const start = performance.now()
    const connection = await node.dial(addresses, { signal: io.signal })
    return await work({ node, connection, elapsed: performance.now() - start })
  } finally {
    await node.stop()
  }
}
