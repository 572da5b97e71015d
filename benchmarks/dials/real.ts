/**
 * A case over loopback sockets: two nodes; a silent address is a listening socket that takes the connection and never
 * answers, a refused one is a port that was closed.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createLibp2p, type DialTrace, dialTrace, type Libp2p } from '@weft/libp2p'
import { noise } from '@weft/libp2p/noise'
import { tcp } from '@weft/libp2p/tcp'
import { yamux } from '@weft/libp2p/yamux'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import type { Answer, CaseCaller, CaseRun, DialCase, Place } from './cases.ts'

export async function runReally(dialCase: DialCase): Promise<CaseRun> {
  const { stored = [], learnt, dialTimeout, callers } = dialCase
  const places = new Places()
  const remote = await makeNode({})
  const dialer = await makeNode(dialTimeout === undefined ? {} : { dialTimeout })
  try {
    const peer = remote.peerId
    const find = (wanted: readonly Place[]): Promise<Multiaddr[]> =>
      Promise.all(wanted.map(one => places.find(one, remote)))
    const known = await find(stored)
    if (known.length > 0) await dialer.peerStore.patch(peer, { multiaddrs: known })
    const news = learnt === undefined ? [] : await find([learnt.place])
    const named = await Promise.all(callers.map(caller => find(caller.places)))
    const steps: DialTrace[] = []
    const onProgress = dialTrace(step => steps.push(step))
    const began = performance.now()
    const since = (): number => performance.now() - began
    let newsAt: number | undefined
    const answers = callers.map(async (caller, i) => {
      if (caller.at > 0) {
        await after(caller.at)
        newsAt ??= since()
      }
      const target = named[i]!.length === 0 ? peer : named[i]!
      return answer(dialer.dial(target, { ...optionsOf(caller), ...(i === 0 ? { onProgress } : {}) }), since)
    })
    const learning =
      learnt === undefined
        ? undefined
        : after(learnt.at).then(async () => {
            newsAt = since()
            await dialer.peerStore.merge(peer, { multiaddrs: news })
          })
    const results = await Promise.all(answers)
    await learning
    const [good] = remote.getMultiaddrs()
    const start = steps.find(step => step.kind === 'started' && step.address === good?.toString())
    return {
      answers: results,
      addresses: steps.flatMap(step => (step.kind === 'started' ? [step.address] : [])),
      ...(start === undefined ? {} : { goodAt: start.at }),
      ...(newsAt === undefined ? {} : { newsAt })
    }
  } finally {
    await Promise.all([dialer.stop(), remote.stop()])
    places.close()
  }
}

class Places {
  private readonly _servers: Server[] = []
  private readonly _sockets = new Set<Socket>()

  async find(place: Place, remote: Libp2p): Promise<Multiaddr> {
    if (place === 'good') return remote.getMultiaddrs()[0]!
    const server = createServer(socket => this._sockets.add(socket.on('error', () => {})))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    if (place === 'silent') this._servers.push(server)
    else {
      server.close()
      await once(server, 'close')
    }
    return multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${remote.peerId.toString()}`)
  }

  close(): void {
    for (const server of this._servers) server.close()
    for (const socket of this._sockets) socket.destroy()
  }
}

function makeNode(connectionManager: { dialTimeout?: number }): Promise<Libp2p> {
  return createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager
  })
}

function optionsOf({ timeout }: CaseCaller): { signal?: AbortSignal } {
  return timeout === undefined ? {} : { signal: AbortSignal.timeout(timeout) }
}

async function answer(dialing: Promise<unknown>, since: () => number): Promise<Answer & { error?: unknown }> {
  try {
    await dialing
    return { kind: 'connected', at: since() }
  } catch (error) {
    return { kind: (error as Error).name === 'TimeoutError' ? 'timeout' : 'failed', at: since(), error }
  }
}

function after(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
