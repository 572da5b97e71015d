/** A remote that leaves, or says no, while the first certificate of a node is being made. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { PrivateKey } from '@libp2p/interface'
import { concat } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair } from '@weft/peer-id'
import { tls } from '@weft/tls'
import { expect, it, onTestFinished } from 'vitest'
import { line, proposal } from '../../../wirekit/multistream.mjs'
import { RawPeer } from './raw-peer.ts'
import { portOf, tcpNode, turn, uncaught } from './tcp-nodes.ts'

uncaught()

/** A key that signs nothing before `open()` is called. `asked` resolves when it is to sign for the first time. */
function gatedKey(key: PrivateKey): { key: PrivateKey; asked: Promise<void>; open: () => void } {
  let open = (): void => {}
  let ask = (): void => {}
  const gate = new Promise<void>(resolve => {
    open = resolve
  })
  const asked = new Promise<void>(resolve => {
    ask = resolve
  })
  const gated = new Proxy(key, {
    get(target, name) {
      if (name === 'sign') {
        return async (bytes: Uint8Array) => {
          ask()
          await gate
          return target.sign(bytes)
        }
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
  return { key: gated, asked, open }
}

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn()
}

const no = concat([line('/multistream/1.0.0'), line('na')])
const answers: Record<string, (socket: Socket) => unknown> = {
  'says no': socket => socket.write(no),
  'says no and ends': socket => socket.end(no),
  ends: socket => socket.end(),
  'resets the connection': socket => socket.resetAndDestroy()
}

it.each(Object.keys(answers))('a dial is told of a remote that %s', async name => {
  const { key, asked, open } = gatedKey(await generateKeyPair('Ed25519'))
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => answers[name]!(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // The dial is to be told, not to run out of time.
  const dialer = await tcpNode({
    privateKey: key,
    connectionEncrypters: [tls()],
    addresses: { listen: [] },
    connectionManager: { dialTimeout: 300_000 },
    services: {} as never
  })
  onTestFinished(async () => {
    await dialer.stop()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const dialing = dialer.dial(multiaddr(`/ip4/127.0.0.1/tcp/${port}`))
  dialing.catch(() => {})
  await asked
  await turns()
  open()
  await expect(dialing).rejects.toMatchObject({ name: expect.any(String) })
})

it.each(['ends', 'resets the connection'])('a listener whose dialer %s can be stopped', async name => {
  const { key, asked, open } = gatedKey(await generateKeyPair('Ed25519'))
  const listener = await tcpNode({ privateKey: key, connectionEncrypters: [tls()], services: {} as never })
  const dialer = await RawPeer.connect(portOf(listener))
  dialer.socket.on('error', () => {})
  dialer.socket.write(proposal('/tls/1.0.0'))
  await asked
  answers[name]!(dialer.socket)
  await turns()
  open()
  await turns()
  await listener.stop()
  dialer.socket.destroy()
})
