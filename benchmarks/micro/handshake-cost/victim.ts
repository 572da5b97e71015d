/** The node that is attacked: in a process of its own, so that its CPU can be told from the attacker's. */
import { createLibp2p } from '@weft/libp2p'
import { multiaddr } from '@weft/multiaddr'
import { noise } from '@weft/noise'
import { tcp } from '@weft/tcp'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'

type Order = { do: 'listen' | 'mark' | 'read' } | { do: 'dial'; port: number }

/** Obeys the parent: `listen`, `mark` and `read` the process's CPU (µs), `dial` a port of this machine. */
export async function serveVictim(): Promise<void> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise(), tls()],
    streamMuxers: [yamux()]
  })
  const dialer = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [tls()],
    streamMuxers: [yamux()]
  })
  process.on('disconnect', () => process.exit())
  let mark = process.cpuUsage()
  process.on('message', async (order: Order) => {
    if (order.do === 'mark') mark = process.cpuUsage()
    if (order.do === 'dial') {
      const connection = await dialer
        .dial(multiaddr(`/ip4/127.0.0.1/tcp/${order.port}`), { force: true })
        .catch(() => undefined)
      await connection?.close()
    }
    const { user, system } = process.cpuUsage(mark)
    const port = Number(/\/tcp\/(\d+)/.exec(node.getMultiaddrs()[0]!.toString())?.[1])
    process.send!({ port, cpu: user + system })
  })
}
