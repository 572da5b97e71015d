import { randomBytes } from 'node:crypto'
import type {
  ComponentLogger,
  ConnectionEncrypter,
  MessageStream,
  PeerId,
  PrivateKey,
  PublicKey,
  SecureConnectionOptions,
  SecuredConnection
} from '@libp2p/interface'
import { anObject, checkOptions, InvalidCryptoExchangeError, type OptionTable, UnexpectedPeerError } from '@weft/errors'
import { type HandshakePipe, performHandshake } from '@weft/interface-crypto-channel'
import { peerIdFromPublicKey, publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import { type Claim, Handshake, type HandshakeInit } from './core/handshake.ts'
import { maxHandshakeLength, nonceLength } from './core/messages.ts'
import { lengthOf, type Opener, prefixLength, withLength } from './core/records.ts'
import { nodeCrypto } from './crypto.node.ts'
import { SecioStream } from './secio-stream.ts'

/** What the node gives to SECIO. */
export interface SecioComponents {
  /** The identity. It signs each handshake. */
  privateKey: PrivateKey
  /** Not used: it follows from the key. Nodes of js-libp2p give it. */
  peerId?: PeerId
  /** Not used: errors reach the caller. Nodes of js-libp2p give it. */
  logger?: ComponentLogger
}

/** Options of `secio()`. */
export interface SecioInit {
  /** Curves, ciphers and hashes that are offered, the preferred first. @default all that there are */
  offer?: HandshakeInit['offer']
}

const secioOptions: OptionTable<SecioInit> = { offer: anObject }

const secioProtocol = '/secio/1.0.0'

/**
 * Makes SECIO for `connectionEncrypters`: for peers of before 2020 alone. A node offers it only where it was asked for.
 *
 * @see https://github.com/libp2p/specs/blob/master/secio/README.md
 */
export function secio(init: SecioInit = {}): (components: SecioComponents) => ConnectionEncrypter {
  const tellNotices = checkOptions('secio', secioOptions, init)
  return components => {
    tellNotices(components)
    return new Secio(components.privateKey, init.offer)
  }
}

class Secio implements ConnectionEncrypter {
  readonly protocol = secioProtocol
  readonly #privateKey: PrivateKey
  readonly #offer: HandshakeInit['offer']

  static {
    Object.defineProperty(this.prototype, Symbol.for('@libp2p/service-capabilities'), {
      value: ['@libp2p/connection-encryption']
    })
  }

  constructor(privateKey: PrivateKey, offer: HandshakeInit['offer']) {
    this.#privateKey = privateKey
    this.#offer = offer
  }

  get [Symbol.toStringTag](): string {
    return '@weft/secio'
  }

  secureOutbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return performHandshake(connection, options, pipe => this.#handshake(pipe, options))
  }

  secureInbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return performHandshake(connection, options, pipe => this.#handshake(pipe, options))
  }

  async #handshake(pipe: HandshakePipe, options: SecureConnectionOptions): Promise<SecuredConnection> {
    const handshake = new Handshake({
      crypto: nodeCrypto,
      publicKey: publicKeyToProtobuf(this.#privateKey.publicKey),
      nonce: new Uint8Array(randomBytes(nonceLength)),
      ...(this.#offer === undefined ? {} : { offer: this.#offer })
    })
    pipe.write(withLength([handshake.propose]))
    const identity = readKey(handshake.readPropose(await readMessage(pipe)))
    const remotePeer = peerIdFromPublicKey(identity)
    checkPeer(remotePeer, options.remotePeer)

    pipe.write(withLength([handshake.writeExchange(await this.#privateKey.sign(handshake.toSign))]))
    await checkSignature(identity, handshake.readExchange(await readMessage(pipe)))

    const { sealer, opener } = handshake.split()
    pipe.write(sealer.seal(handshake.remoteNonce))
    handshake.checkNonce(opened(opener, await readMessage(pipe)))
    return { connection: new SecioStream(pipe, sealer, opener), remotePeer }
  }
}

async function readMessage(pipe: HandshakePipe): Promise<Uint8Array> {
  const length = lengthOf(await pipe.read(prefixLength))
  if (length <= maxHandshakeLength) return pipe.read(length)
  const message = `secio: a message of the handshake has ${length} bytes, at most ${maxHandshakeLength} are read`
  throw new InvalidCryptoExchangeError(message)
}

function opened(opener: Opener, frame: Uint8Array): Uint8Array {
  try {
    opener.checkLength(frame.byteLength)
    return opener.open(frame)
  } catch (cause) {
    throw new InvalidCryptoExchangeError('secio: the remote has other keys', { cause })
  }
}

function readKey(publicKey: Uint8Array): PublicKey {
  try {
    return publicKeyFromProtobuf(publicKey)
  } catch (cause) {
    throw new InvalidCryptoExchangeError('secio: the identity key cannot be read', { cause })
  }
}

function checkPeer(actual: PeerId, expected: PeerId | undefined): void {
  if (expected === undefined || actual.equals(expected)) return
  throw new UnexpectedPeerError(`the remote is ${actual.toString()}, not ${expected.toString()}`, {
    facts: { actual: actual.toString(), expected: expected.toString() }
  })
}

async function checkSignature(key: PublicKey, { signed, signature }: Claim): Promise<void> {
  let valid: boolean
  try {
    valid = await key.verify(signed, signature)
  } catch (cause) {
    throw new InvalidCryptoExchangeError('secio: the signature cannot be checked', { cause })
  }
  if (!valid) throw new InvalidCryptoExchangeError('secio: the identity key did not sign the exchange')
}
