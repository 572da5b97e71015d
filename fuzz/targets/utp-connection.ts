/** What a remote sends, and what is asked of a connection, in any order: it throws only where it may, and stays bounded. */
import {
  decodePacket,
  encodePacket,
  packetType,
  type PacketType,
  UtpConnection
} from '../../packages/transports/utp/src/index.ts'

export const name = 'utp-connection'

// Each operation may send a window of packets, and each packet is written anew.
export const cost = { base: 400_000, perByte: 40_000 }

const window = 4096
const mtu = 200

/** The first byte says who dialed; then operations of a byte each, with what they need behind it. */
export function fuzz(input: Uint8Array): void {
  readsAndWrites(input)
  let now = 1000
  let unread = 0
  let closed = 0
  const sink = {
    send: (datagram: Uint8Array) => {
      if (decodePacket(datagram) === undefined) throw new Error('what is sent is no packet')
      if (datagram.byteLength > mtu) throw new Error('a datagram is too long')
    },
    onOpen() {},
    onData: (view: Uint8Array) => {
      if (closed > 0) throw new Error('data after the close')
      unread += view.byteLength
      // One packet may exceed the window.
      if (unread > window + input.byteLength) throw new Error('more is unread than the window')
    },
    onEnd() {},
    onDrain() {},
    onClose: () => {
      if (++closed > 1) throw new Error('closed twice')
    }
  }
  const start =
    input[0]! % 2 === 0
      ? ({ role: 'dialer', connectionId: 9, sequence: 100 } as const)
      : ({ role: 'acceptor', connectionId: 9, remoteSequence: 500, sequence: 101 } as const)
  const connection = new UtpConnection({ sink, now, start, options: { receiveWindow: window, maxDatagram: mtu } })
  if (start.role === 'dialer') connection.receive(packet(packetType.state, 9, 501, 100, 4000, new Uint8Array(0)), now)
  for (let at = 1; at + 4 <= input.byteLength; ) {
    const [kind, first, second, length] = [input[at]! % 8, input[at + 1]!, input[at + 2]!, input[at + 3]! % 64]
    const view = input.subarray(at + 4, at + 4 + length)
    at += 4 + (kind < 5 ? view.byteLength : 0)
    if (kind === 0) connection.receive(view, now)
    else if (kind < 4) {
      // Near what is expected: the numbers are those of the start, and a few more.
      const id = start.role === 'dialer' ? 9 : 10
      const type = [packetType.data, packetType.fin, packetType.state][kind - 1]!
      connection.receive(packet(type, id, 500 + (first % 64), 100 + (second % 16) - 4, first * second, view), now)
    } else if (kind === 4 && closed === 0) {
      try {
        connection.write(new Uint8Array(view), now)
      } catch (error) {
        if ((error as Error).name !== 'UtpError') throw error
      }
    } else if (kind === 5) {
      unread -= Math.min(unread, first * 16)
      connection.consume(first * 16, now)
    } else if (kind === 6) {
      now = Math.max(now, Math.min(connection.wakeAt ?? now, now + first * 100))
      connection.tick(now)
      connection.endTurn(now)
    } else if (first === 1) connection.end(now)
    else if (first === 2) connection.reset(now)
    if (connection.wakeAt !== undefined && Number.isNaN(connection.wakeAt)) throw new Error('wakeAt is no time')
  }
  connection.reset(now)
  if (closed !== 1) throw new Error('not closed')
}

function packet(
  type: PacketType,
  connectionId: number,
  sequence: number,
  acknowledgement: number,
  size: number,
  view: Uint8Array
): Uint8Array {
  return encodePacket({
    type,
    connectionId,
    timestamp: 0,
    timestampDifference: size,
    window: size,
    sequence,
    acknowledgement,
    sack: type === packetType.state && view.byteLength > 0 ? view : undefined,
    payload: type === packetType.state ? new Uint8Array(0) : view
  })
}

function readsAndWrites(input: Uint8Array): void {
  const read = decodePacket(input)
  if (read === undefined) return
  const again = decodePacket(encodePacket(read))
  if (JSON.stringify(again) !== JSON.stringify(read)) throw new Error('it is not written as it was read')
}
