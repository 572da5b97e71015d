/** How far real dials come: what a `DialError` and the live trace say of each address. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Libp2p, StreamMuxerFactory } from '@libp2p/interface'
import { multiaddr } from '@weft/multiaddr'
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { plaintext } from '@weft/plaintext'
import type { DefaultConnectionManager } from '@weft/swarm'
import { yamux } from '@weft/yamux'
import { afterEach, describe, expect, it } from 'vitest'
import { type DialTrace, dialTrace } from '../src/index.ts'
import { tcpNode } from './tcp-nodes.ts'

const cleanup: Array<() => unknown> = []
afterEach(async () => {
  for (const undo of cleanup.splice(0)) await undo()
})

async function node(options: Parameters<typeof tcpNode>[0] = {}): Promise<Libp2p> {
  const made = await tcpNode({ connectionEncrypters: [noise()], streamMuxers: [yamux()], ...options })
  cleanup.push(() => made.stop())
  return made
}

/** A port whose connections are accepted and never answered, unless `greet` does. */
async function listen(greet: (socket: Socket) => void = () => {}): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => {}))
    greet(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  cleanup.push(close)
  return { port: (server.address() as AddressInfo).port, close }
}

async function stranger(): Promise<string> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString()
}

const failed = async (dialing: Promise<unknown>): Promise<{ attempts: object[]; skipped: object[]; message: string }> =>
  dialing.then(
    () => {
      throw new Error('it connected')
    },
    error => error
  )

describe('the record of a dial', () => {
  it('says how far each address came', async () => {
    const dialer = await node({ connectionManager: { addressDialTimeout: 1500 } })
    const [plain, other, mute] = [await node({ connectionEncrypters: [plaintext()] }), await node(), await listen()]
    const closed = await listen()
    closed.close()
    const id = await stranger()
    const address = (port: number): string => `/ip4/127.0.0.1/tcp/${port}/p2p/${id}`
    const portOf = (peer: Libp2p): number => Number(peer.getMultiaddrs()[0]!.toString().split('/')[4])
    const texts = [closed.port, mute.port, portOf(plain), portOf(other)].map(address)
    const unknown = `/ip4/127.0.0.1/udp/1/quic-v1/p2p/${id}`
    const error = await failed(dialer.dial([...texts, unknown].map(text => multiaddr(text))))
    const at = (address: string, stage: string, name: unknown): object =>
      expect.objectContaining({
        address,
        source: 'caller',
        stage,
        elapsed: expect.any(Number),
        error: expect.objectContaining({ name })
      })
    expect(error.attempts).toEqual([
      at(texts[0]!, 'connect', expect.any(String)),
      at(texts[1]!, 'negotiate', 'TimeoutError'),
      at(texts[2]!, 'negotiate', 'EncryptionFailedError'),
      at(texts[3]!, 'secure', 'EncryptionFailedError')
    ])
    expect(error.skipped).toEqual([
      { address: unknown, source: 'caller', stage: 'resolve', elapsed: 0, reason: 'no transport can dial it' }
    ])
    for (const text of [...texts, unknown]) expect(error.message).toContain(text)
  })

  it('says that no muxer was agreed on', async () => {
    // Noise agrees on the muxer itself, and a dialer with one to offer does not wait for the answer.
    const connectionEncrypters = [plaintext()]
    const other = (): StreamMuxerFactory => ({ ...mplex()(), protocol: '/other/1.0.0' })
    const dialer = await node({ connectionEncrypters, streamMuxers: [yamux(), other] })
    const remote = await node({ connectionEncrypters, streamMuxers: [mplex()] })
    const { attempts } = await failed(dialer.dial(remote.getMultiaddrs()))
    expect(attempts).toMatchObject([{ stage: 'mux', error: { name: 'MuxerUnavailableError' } }])
  })

  it('tells each stage of an address that connects, and gives up a silent one', async () => {
    const [dialer, remote, mute] = [await node(), await node(), await listen()]
    const silent = multiaddr(`/ip4/127.0.0.1/tcp/${mute.port}/p2p/${remote.peerId.toString()}`)
    const [good] = remote.getMultiaddrs()
    const steps: DialTrace[] = []
    await dialer.dial([silent, good!], { onProgress: dialTrace(step => steps.push(step)) })
    const of = (address: { toString(): string }): unknown[] =>
      steps
        .filter(step => 'address' in step && step.address === address.toString())
        .map(step => (step.kind === 'stage' ? step.stage : step.kind))
    expect(of(good!)).toEqual(['added', 'started', 'negotiate', 'secure', 'mux', 'identify', 'connected'])
    expect(of(silent)).toEqual(['added', 'started', 'negotiate', 'cancelled'])
    const times = steps.map(({ at }) => at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('can be looked at while it runs', async () => {
    const [dialer, mute] = [await node(), await listen()]
    const { connectionManager } = (dialer as unknown as { components: { connectionManager: DefaultConnectionManager } })
      .components
    const address = `/ip4/127.0.0.1/tcp/${mute.port}`
    const stop = new AbortController()
    let dialing: Promise<unknown> | undefined
    await new Promise<void>(resolve => {
      const onProgress = dialTrace(step => {
        if (step.kind === 'stage') resolve()
      })
      dialing = failed(dialer.dial(multiaddr(address), { signal: stop.signal, onProgress }))
    })
    const at = expect.any(Number)
    expect(connectionManager.getDialRecords()).toEqual([
      {
        id: dialer.getDialQueue()[0]!.id,
        elapsed: expect.any(Number),
        steps: [
          { kind: 'added', at, address, source: 'caller' },
          { kind: 'started', at, address },
          { kind: 'stage', at, address, stage: 'negotiate' }
        ]
      }
    ])
    stop.abort()
    await dialing
    expect(connectionManager.getDialRecords()).toEqual([])
  })
})
