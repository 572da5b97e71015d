import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { type DatagramAddress, type DatagramReceiver, type DatagramSocket, maxDatagram } from './datagram-socket.ts'
import { DatagramError } from './errors.ts'

/**
 * Asked of the kernel for each direction, in bytes. With Linux's default of 208 KiB a fast sender loses datagrams at the
 * receiving socket, and is held up by its own retransmissions (measured: 3 MiB/s in place of 140).
 */
const kernelBuffer = 2 * 1024 * 1024

/** Bytes that Node holds because the kernel takes no more, before `send` returns false. */
const maxQueued = 256 * 1024

/** Binds a socket of `node:dgram`. Rejects with `DatagramError`, code `ERR_BIND`. */
export async function bindDatagrams(local: DatagramAddress): Promise<DatagramSocket> {
  const ipv6 = isIPv6(local.host.replace(/%.*$/, ''))
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    ipv6Only: ipv6,
    // Without it each datagram waits a tick for a look-up of what is an address already.
    lookup: (host, _options, callback) => callback(null, host, ipv6 ? 6 : 4)
  })
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void => {
      const reason = (cause as { code?: string }).code
      socket.close()
      reject(
        new DatagramError('ERR_BIND', `cannot bind ${local.host} port ${local.port}: ${reason ?? cause.message}`, {
          cause,
          facts: { ...local, reason }
        })
      )
    }
    socket.once('error', onError)
    socket.bind({ port: local.port, address: local.host, exclusive: true }, () => {
      socket.off('error', onError)
      resolve()
    })
  })
  enlargeBuffers(socket)
  return new NodeDatagramSocket(socket)
}

function enlargeBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(kernelBuffer)
    socket.setSendBufferSize(kernelBuffer)
  } catch {
    // The system allows less: slower, and correct.
  }
}

class NodeDatagramSocket implements DatagramSocket {
  readonly local: DatagramAddress
  private readonly _socket: Socket
  private _receiver: DatagramReceiver | undefined
  private _turnPending = false
  private _blocked = false
  private _closed: Promise<void> | undefined

  constructor(socket: Socket) {
    this._socket = socket
    const { address, port } = socket.address()
    this.local = { host: address, port }
    socket.on('message', (bytes: Uint8Array, from: RemoteInfo) => this._onMessage(bytes, from))
    socket.on('error', error => this._receiver?.onError(error))
  }

  send(view: Uint8Array, to: DatagramAddress): boolean {
    if (this._closed !== undefined) throw new DatagramError('ERR_CLOSED', 'the datagram socket was closed')
    if (view.byteLength > maxDatagram) throw tooLarge(view.byteLength)
    if (this._blocked) return false
    if (this._socket.getSendQueueSize() + view.byteLength > maxQueued) {
      this._blocked = true
      this._awaitDrain()
      return false
    }
    // The callback takes errors of the destination (no route, refused), which are losses to a datagram protocol.
    this._socket.send(view, 0, view.byteLength, to.port, to.host, ignore)
    return true
  }

  receive(receiver: DatagramReceiver): void {
    this._receiver = receiver
  }

  close(): Promise<void> {
    this._closed ??= new Promise(resolve => {
      this._receiver = undefined
      this._socket.close(() => resolve())
    })
    return this._closed
  }

  private _onMessage(bytes: Uint8Array, { address, port }: RemoteInfo): void {
    const receiver = this._receiver
    if (receiver === undefined) return
    // An immediate runs once the loop has read what was there: libuv reads up to 32 datagrams before.
    if (!this._turnPending) {
      this._turnPending = true
      setImmediate(() => {
        this._turnPending = false
        this._receiver?.onTurn()
      })
    }
    receiver.onDatagram(bytes, { host: address, port })
  }

  // The callbacks of single sends come too late to tell; the queue is looked at once a turn while it is full.
  private _awaitDrain(): void {
    setImmediate(() => {
      if (this._closed !== undefined) return
      if (this._socket.getSendQueueSize() > maxQueued / 2) {
        this._awaitDrain()
        return
      }
      this._blocked = false
      this._receiver?.onDrain()
    })
  }
}

function ignore(): void {}

function tooLarge(bytes: number): DatagramError {
  return new DatagramError('ERR_TOO_LARGE', `a datagram of ${bytes} bytes is longer than ${maxDatagram}`, {
    facts: { bytes, maxDatagram }
  })
}
