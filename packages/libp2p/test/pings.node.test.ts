import type { Libp2p } from '@libp2p/interface'
import { type Ping, ping } from '@weft/ping'
import { tcp } from '@weft/tcp'
import { noise } from '@weft/noise'
import { yamux } from '@weft/yamux'
import { expect, it, onTestFinished } from 'vitest'
import { createLibp2p } from '../src/index.ts'

async function start(): Promise<Libp2p<{ ping: Ping }>> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { ping: ping() },
    connectionMonitor: { pingInterval: 20 }
  })
  onTestFinished(() => node.stop())
  return node
}

it('pings of users, one after the other and 30 at once, do not fail for those of the connection monitor', async () => {
  const [a, b] = [await start(), await start()]
  const connection = await a.dial(b.getMultiaddrs())
  for (let i = 0; i < 100; i++) {
    expect(await a.services.ping.ping(b.peerId)).toBeGreaterThan(0)
    // Now and then the monitor's turn comes between.
    if (i % 10 === 0) await new Promise(resolve => setTimeout(resolve, 25))
  }
  const times = await Promise.all(Array.from({ length: 30 }, () => a.services.ping.ping(b.peerId)))
  expect(times.length).toBe(30)
  expect(connection.status).toBe('open')
  expect(connection.rtt).toBeGreaterThan(0)
})
