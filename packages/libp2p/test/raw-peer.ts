/** A peer made of a socket and bytes: it says whatever it is told to, by the rules or not. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { concat, decodeVarint, encodeLengthPrefixed, fromHex, measureVarint, toHex } from '@weft/bytes'
import { generateKeyPair, peerIdFromPrivateKey, publicKeyToProtobuf } from '@weft/peer-id'
import { proposal } from '../../../wirekit/multistream.mjs'
import { DATA, type Frame, parseFrames } from '../../../wirekit/yamux.mjs'
import { eventually } from './tcp-nodes.ts'

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
    return parseFrames(this._received).frames
  }

  /** What the node sent on a yamux stream. */
  dataOf(id: number): Uint8Array {
    return concat(this.frames().flatMap(frame => (frame.id === id && frame.type === DATA ? [frame.payload] : [])))
  }
}
