import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'
import type { Listener, Transport } from '@weft/interface-transport'
import { PassThroughUpgrader, testComponents } from '@weft/interface-transport/compliance'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { onTestFinished } from 'vitest'
import { tcp, type TCPOptions } from '../src/index.ts'

/** A signal that does not fire. */
export function unlimited(): AbortSignal {
  return new AbortController().signal
}

export interface Listening {
  transport: Transport
  listener: Listener
  upgrader: PassThroughUpgrader
  address: Multiaddr
  port: number
}

/** A listener on a free port of this machine, closed when the test ends. */
export async function listening(options: TCPOptions = {}, components = testComponents()): Promise<Listening> {
  const transport = tcp(options)(components)
  const upgrader = new PassThroughUpgrader()
  const listener = transport.createListener({ upgrader })
  await listener.listen(multiaddr('/ip4/127.0.0.1/tcp/0'))
  onTestFinished(() => listener.close())
  const address = listener.getAddrs()[0]!
  return { transport, listener, upgrader, address, port: Number(address.toString().split('/')[4]) }
}

/** A socket without libp2p, destroyed when the test ends. */
export async function rawSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** The system's code for a socket that the listener does not let in. It may hear of it before it knows that it connected. */
export function refused(port: number): Promise<string | undefined> {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  return gone(socket)
}

/** A server without libp2p, with the sockets that it accepts; all closed when the test ends. */
export async function rawServer(): Promise<{ server: Server; address: Multiaddr; next: () => Promise<Socket> }> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  const sockets: Socket[] = []
  server.on('connection', socket => {
    socket.on('error', () => {})
    sockets.push(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const next = async (): Promise<Socket> => sockets.shift() ?? ((await once(server, 'connection')) as [Socket])[0]
  return { server, address: multiaddr(`/ip4/127.0.0.1/tcp/${port}`), next }
}

/** Dials past the upgrader. */
export async function dial(address: Multiaddr, options: TCPOptions = {}): Promise<MultiaddrConnection> {
  const upgrader = new PassThroughUpgrader()
  await tcp(options)(testComponents()).dial(address, { upgrader, signal: unlimited() })
  const connection = upgrader.outbound!
  onTestFinished(() => connection.abort(new Error('the test has ended')))
  return connection
}

/** Resolves when a socket is closed, with the system's code if it broke. */
export function gone(socket: Socket): Promise<string | undefined> {
  return new Promise(resolve => {
    let code: string | undefined
    socket.on('error', error => {
      code = (error as { code?: string }).code
    })
    socket.once('close', () => resolve(code))
    socket.on('end', () => socket.end())
    socket.resume()
  })
}
