import { type BindDatagrams, type DatagramAddress, type DatagramReceiver, maxDatagram } from '../datagram-socket.ts'
import { DatagramError } from '../errors.ts'

/** A network whose places are named `host:port`: testkit's `Network` is one. */
export interface DatagramNetwork {
  /** Its time: turns end by it. */
  readonly clock: { setTimeout(callback: () => void, delay: number): unknown }
  /** A place of that name; throws if it is taken. */
  bind(
    name: string,
    receiver: (from: string, bytes: Uint8Array) => void
  ): {
    send(to: string, bytes: Uint8Array): void
    close(): void
  }
}

/** The first port that is given where 0 is asked for, as the range of the IANA begins. */
const firstPort = 49_152

/** Binds sockets on a simulated network. */
export function networkDatagrams(network: DatagramNetwork): BindDatagrams {
  let lastPort = firstPort - 1
  return async ({ host, port }) => {
    const local = { host, port: port === 0 ? ++lastPort : port }
    let receiver: DatagramReceiver | undefined
    let turnPending = false
    let closed = false
    const endTurn = (): void => {
      turnPending = false
      receiver?.onTurn()
    }
    const onDatagram = (from: string, bytes: Uint8Array): void => {
      if (receiver === undefined) return
      if (!turnPending) {
        turnPending = true
        // Behind all that arrives at the same time.
        network.clock.setTimeout(endTurn, 0)
      }
      receiver.onDatagram(bytes, addressOf(from))
    }
    const endpoint = bindName(network, local, onDatagram)
    return {
      local,
      send(view, to) {
        if (closed) throw new DatagramError('ERR_CLOSED', 'the datagram socket was closed')
        if (view.byteLength > maxDatagram) {
          throw new DatagramError(
            'ERR_TOO_LARGE',
            `a datagram of ${view.byteLength} bytes is longer than ${maxDatagram}`
          )
        }
        endpoint.send(nameOf(to), view)
        return true
      },
      receive(next) {
        receiver = next
      },
      async close() {
        closed = true
        receiver = undefined
        endpoint.close()
      }
    }
  }
}

function bindName(
  network: DatagramNetwork,
  local: DatagramAddress,
  receiver: (from: string, bytes: Uint8Array) => void
): ReturnType<DatagramNetwork['bind']> {
  try {
    return network.bind(nameOf(local), receiver)
  } catch (cause) {
    throw new DatagramError('ERR_BIND', `cannot bind ${nameOf(local)}: EADDRINUSE`, {
      cause,
      facts: { ...local, reason: 'EADDRINUSE' }
    })
  }
}

function nameOf({ host, port }: DatagramAddress): string {
  return `${host}:${port}`
}

function addressOf(name: string): DatagramAddress {
  const at = name.lastIndexOf(':')
  return { host: name.slice(0, at), port: Number(name.slice(at + 1)) }
}
