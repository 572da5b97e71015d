// An attacker's connection: a socket and bytes, by the rules or not. Noise is weft's own, driven by hand.
import { connect } from 'node:net'
import { ByteQueue, concat } from '@weft/bytes'
import { generateKeyPair } from '@weft/peer-id'
import { defaultCrypto } from '../../packages/crypto/noise/dist/crypto.node.js'
import { withPrefix } from '../../packages/crypto/noise/dist/core/constants.js'
import { Handshake } from '../../packages/crypto/noise/dist/core/handshake.js'
import { encodePayload } from '../../packages/crypto/noise/dist/core/payload.js'
import { RecordReader, sealQueue } from '../../packages/crypto/noise/dist/core/records.js'
import { signIdentity } from '../../packages/crypto/noise/dist/identity.js'
import { proposal } from '../../wirekit/multistream.mjs'

const staticKey = defaultCrypto.generateKeyPair()
const noPrologue = new Uint8Array(0)

/** One identity for all of a process's connections, unless they ask for their own. */
const identity = await makeIdentity()

async function makeIdentity() {
  return signIdentity(await generateKeyPair('Ed25519'), staticKey.publicKey)
}

export class Wire {
  socket
  /** Milliseconds of `performance.now()` at which it was connected, and at which it was seen to be gone. */
  connectedAt
  goneAt
  received = 0
  #onBytes = () => {}
  #queue = new ByteQueue()
  #wake = () => {}
  #seal
  #reader

  /** Resolves when connected. Rejects if that fails. */
  static connect({ host, port, from, readHighWaterMark }) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, localAddress: from, allowHalfOpen: false, noDelay: true, readHighWaterMark })
      const wire = new Wire(socket)
      socket.once('connect', () => {
        wire.connectedAt = performance.now()
        resolve(wire)
      })
      socket.once('error', reject)
    })
  }

  constructor(socket) {
    this.socket = socket
    this.gone = new Promise(resolve => {
      const over = () => {
        this.goneAt ??= performance.now()
        this.#wake()
        resolve(this.goneAt)
      }
      socket.on('end', over)
      socket.on('close', over)
      socket.on('error', over)
    })
    socket.on('data', chunk => {
      this.received += chunk.byteLength
      if (this.#reader === undefined) this.#deliver(chunk)
      else this.#reader.read(chunk, plaintext => this.#deliver(plaintext))
    })
  }

  /** What arrives from now on goes to `listener`, instead of waiting to be read. */
  set onBytes(listener) {
    this.#onBytes = listener
    for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) listener(chunk)
    this.#queue = undefined
  }

  /** Exactly `length` bytes. */
  async read(length) {
    for (;;) {
      const bytes = this.#queue.take(length)
      if (bytes !== undefined) return bytes
      if (this.goneAt !== undefined) throw new Error('the victim has closed the connection')
      await new Promise(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** One length-prefixed message of at most 127 bytes: a line of multistream. */
  async readLine() {
    const [length] = await this.read(1)
    return this.read(length)
  }

  /** Sends bytes, sealed once there are keys. Returns false when the socket has enough. */
  send(bytes) {
    if (this.goneAt !== undefined) return false
    if (this.#seal === undefined) return this.socket.write(bytes)
    const queue = new ByteQueue()
    queue.push(bytes)
    let more = true
    while (queue.byteLength > 0) more = this.socket.write(concat(sealQueue(this.#seal, queue)))
    return more
  }

  /** Sends bytes as they are, keys or not. */
  sendRaw(bytes) {
    return this.socket.write(bytes)
  }

  /** Resolves when the socket takes more, or is gone. */
  async drained() {
    if (!this.socket.writableNeedDrain) return
    await Promise.race([new Promise(resolve => this.socket.once('drain', resolve)), this.gone])
  }

  /** Up to and including the security's negotiation and the first two messages of Noise; returns the third. */
  async beginNoise({ muxers = ['/yamux/1.0.0'], own = false } = {}) {
    const handshake = new Handshake({ crypto: defaultCrypto, initiator: true, prologue: noPrologue, staticKey })
    this.send(concat([proposal('/noise'), withPrefix(handshake.writeA())]))
    await this.readLine()
    await this.readLine()
    const [high, low] = await this.read(2)
    handshake.readB(await this.read((high << 8) | low))
    const proof = own ? await makeIdentity() : identity
    const extensions = { webtransportCerthashes: [], streamMuxers: muxers }
    const third = withPrefix(handshake.writeC(encodePayload({ ...proof, extensions })))
    return { third, split: () => this.#useKeys(handshake.split()) }
  }

  /** A secured connection that speaks the first of `muxers`, without a further word if the handshake named it. */
  async secure(options) {
    const { third, split } = await this.beginNoise(options)
    this.send(third)
    split()
  }

  close() {
    this.socket.destroy()
  }

  #useKeys({ send, receive }) {
    this.#seal = send
    this.#reader = new RecordReader(receive)
    const early = this.#queue.takeAll()
    for (const chunk of early) this.#reader.read(chunk, plaintext => this.#deliver(plaintext))
  }

  #deliver(bytes) {
    if (this.#queue === undefined) {
      this.#onBytes(bytes)
      return
    }
    this.#queue.push(bytes)
    this.#wake()
  }
}
