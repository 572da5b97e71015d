/** A peer made of a socket and bytes: it says whatever it is told to, by the rules or not. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { concat, decodeVarint, encodeLengthPrefixed, fromHex, fromUtf8, measureVarint, toHex } from '@weft/bytes'
import { generateKeyPair, peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import { eventually } from './tcp-nodes.ts'

/** A multistream line. */
export function line(text: string): Uint8Array {
  return encodeLengthPrefixed(fromUtf8(`${text}\n`))
}

/** The header and the proposal of one protocol. */
export function proposal(protocol: string): Uint8Array {
  return concat([line('/multistream/1.0.0'), line(protocol)])
}

export interface Frame {
  type: number
  flags: number
  id: number
  /** Payload of data; of other frames the length field. */
  length: number
  payload: Uint8Array
}

export const yamuxData = 0
export const yamuxWindow = 1
export const yamuxPing = 2
export const yamuxGoAway = 3
export const yamuxSyn = 1
export const yamuxFin = 4
export const yamuxReset = 8

export function yamuxFrame(type: number, flags: number, id: number, body: Uint8Array | number): Uint8Array {
  const frame = new Uint8Array(12)
  const view = new DataView(frame.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, id)
  view.setUint32(8, typeof body === 'number' ? body : body.byteLength)
  return typeof body === 'number' ? frame : concat([frame, body])
}

export class RawPeer {
  readonly socket: Socket
  private _received: Uint8Array = new Uint8Array(0)

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    await once(socket, 'connect')
    return new RawPeer(socket)
  }

  /** Up to a muxer, over plaintext, as the specifications say. Afterwards `received` begins with the muxer's frames. */
  static async muxed(port: number, muxer: string): Promise<RawPeer> {
    const peer = await RawPeer.connect(port)
    const key = await generateKeyPair('Ed25519')
    const id = peerIdFromPrivateKey(key).toMultihash().bytes
    const publicKey = publicKeyToProtobuf(key.publicKey)
    const exchange = concat([
      Uint8Array.of(0x0a, id.byteLength),
      id,
      Uint8Array.of(0x12, publicKey.byteLength),
      publicKey
    ])
    peer.send(concat([proposal('/plaintext/2.0.0'), encodeLengthPrefixed(exchange), proposal(muxer)]))
    // Two answers, the other exchange, two answers.
    for (let i = 0; i < 5; i++) await peer.takeMessage()
    return peer
  }

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk: Uint8Array) => {
      this._received = concat([this._received, chunk])
    })
  }

  get received(): Uint8Array {
    return this._received
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(typeof bytes === 'string' ? fromHex(bytes) : bytes)
  }

  /** Resolves when the node has closed the connection: without having been asked to. */
  async gone(): Promise<void> {
    await eventually(() => {
      if (!this.socket.closed && !this.socket.readableEnded) throw new Error('the connection is still open')
    })
    this.socket.destroy()
  }

  /** Takes one length-prefixed message off what was received. */
  async takeMessage(): Promise<Uint8Array> {
    let message = new Uint8Array(0)
    await eventually(() => {
      const prefix = measureVarint(this._received)
      const end = prefix + decodeVarint(this._received)
      if (prefix === 0 || this._received.byteLength < end) throw new Error(`only ${toHex(this._received)} has come`)
      message = this._received.slice(prefix, end)
      this._received = this._received.slice(end)
    })
    return message
  }

  /** All whole yamux frames so far. */
  frames(): Frame[] {
    const frames: Frame[] = []
    const bytes = this._received
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = 0; at + 12 <= bytes.byteLength; ) {
      const length = view.getUint32(at + 8)
      const type = view.getUint8(at + 1)
      const end = at + 12 + (type === yamuxData ? length : 0)
      if (end > bytes.byteLength) break
      const payload = bytes.subarray(at + 12, end)
      frames.push({ type, flags: view.getUint16(at + 2), id: view.getUint32(at + 4), length, payload })
      at = end
    }
    return frames
  }

  /** What the node sent on a yamux stream. */
  dataOf(id: number): Uint8Array {
    return concat(this.frames().flatMap(frame => (frame.id === id && frame.type === yamuxData ? [frame.payload] : [])))
  }
}
