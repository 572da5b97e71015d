/** A link through a process that is stopped: its sockets stay open, and nothing passes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@weft/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import { portOf, type TestNode, tcpNode, uncaught } from './tcp-nodes.ts'

uncaught()

const nodes: TestNode[] = []
const children: ChildProcess[] = []

afterEach(async () => {
  // Nothing short of that ends a process that is stopped.
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await Promise.all(nodes.splice(0).map(async node => node.stop()))
})

const proxy = `
const { connect, createServer } = require('node:net')
createServer(near => {
  const far = connect(Number(process.argv[1]), '127.0.0.1')
  for (const socket of [near, far]) socket.on('error', () => {}).setNoDelay(true)
  near.pipe(far).pipe(near)
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })
`

/** A proxy to that port, in a process of its own. */
async function startProxy(target: number): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['-e', proxy, String(target)], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return { child, port: Number(line) }
}

function next(node: Libp2p, event: 'peer:connect' | 'peer:disconnect'): Promise<unknown> {
  return new Promise(resolve => node.addEventListener(event, resolve, { once: true }))
}

describe('a peer whose process is stopped', () => {
  it('is noticed by both sides, and connected to again once it goes on', async () => {
    const remote = await tcpNode()
    nodes.push(remote)
    const { child, port } = await startProxy(portOf(remote))
    const local = await tcpNode({
      connectionManager: {
        reconnectRetries: Infinity,
        reconnectRetryInterval: 100,
        reconnectBackoffFactor: 1,
        addressDialTimeout: 1000
      }
    })
    nodes.push(local)
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${remote.peerId.toString()}`)
    await local.peerStore.merge(remote.peerId, {
      multiaddrs: [address],
      tags: { 'keep-alive-test': { value: 1 } }
    })
    await Promise.all([next(remote, 'peer:connect'), local.dial(address)])

    const lost = Promise.all([next(local, 'peer:disconnect'), next(remote, 'peer:disconnect')])
    child.kill('SIGSTOP')
    const began = performance.now()
    await lost
    // The promise is 12 s, which partition.node.test.ts shows on virtual time. Here it is five times that: the machine may do
    // other things. Without a monitor it is hours, until the system gives the socket up.
    expect(performance.now() - began).toBeLessThan(60_000)

    const back = next(local, 'peer:connect')
    child.kill('SIGCONT')
    await back
    expect(await local.services.ping.ping(remote.peerId)).toBeGreaterThan(0)
  }, 120_000)
})
