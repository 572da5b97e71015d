/**
 * The exchange of `/plaintext/2.0.0`: both sides send their id and public key at once. Nothing is encrypted or
 * authenticated; afterwards the connection is used directly.
 */
import type {
  ComponentLogger,
  ConnectionEncrypter,
  MessageStream,
  PeerId,
  PrivateKey,
  SecureConnectionOptions,
  SecuredConnection
} from '@libp2p/interface'
import { decodeVarint, encodeLengthPrefixed, equals, measureVarint } from '@weft/bytes'
import { checkOptions, InvalidCryptoExchangeError, UnexpectedPeerError } from '@weft/errors'
import { type HandshakePipe, performHandshake } from '@weft/interface-crypto-channel'
import { peerIdFromPublicKey, publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import { decodeExchange, encodeExchange, maxExchangeLength } from './core/exchange.ts'

/** The components that plaintext uses. */
export interface PlaintextComponents {
  /** The identity. Only its public key and the id that follows from it are sent. */
  privateKey: PrivateKey
  /** Not used: errors reach the caller. Nodes of js-libp2p give it. */
  logger?: ComponentLogger
}

/** It has no options: what is given is looked at, so that a mistake is told. */
export type PlaintextInit = Record<never, never>

const plaintextProtocol = '/plaintext/2.0.0'

/**
 * Creates plaintext for `connectionEncrypters`: for tests, and where a lower layer already protects the data. A remote
 * can claim any identity.
 *
 * @see https://github.com/libp2p/specs/blob/master/plaintext/README.md
 */
export function plaintext(init: PlaintextInit = {}): (components: PlaintextComponents) => ConnectionEncrypter {
  const tellNotices = checkOptions('plaintext', {}, init)
  return components => {
    tellNotices(components)
    return new Plaintext(components.privateKey)
  }
}

class Plaintext implements ConnectionEncrypter {
  readonly protocol = plaintextProtocol
  readonly #privateKey: PrivateKey

  static {
    Object.defineProperty(this.prototype, Symbol.for('@libp2p/service-capabilities'), {
      value: ['@libp2p/connection-encryption']
    })
  }

  constructor(privateKey: PrivateKey) {
    this.#privateKey = privateKey
  }

  get [Symbol.toStringTag](): string {
    return '@weft/plaintext'
  }

  secureOutbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return this.#exchange(connection, options)
  }

  secureInbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<SecuredConnection> {
    return this.#exchange(connection, options)
  }

  #exchange(connection: MessageStream, options: SecureConnectionOptions): Promise<SecuredConnection> {
    const { publicKey } = this.#privateKey
    const exchange = { id: publicKey.toMultihash().bytes, pubkey: publicKeyToProtobuf(publicKey) }
    return performHandshake(connection, options, async pipe => {
      pipe.write(encodeLengthPrefixed(encodeExchange(exchange)))
      const remotePeer = readPeer(await readMessage(pipe))
      if (options.remotePeer !== undefined && !remotePeer.equals(options.remotePeer)) {
        throw new UnexpectedPeerError(`the remote is ${remotePeer.toString()}, not ${options.remotePeer.toString()}`, {
          facts: { actual: remotePeer.toString(), expected: options.remotePeer.toString() }
        })
      }
      pipe.release()
      return { connection, remotePeer }
    })
  }
}

async function readMessage(pipe: HandshakePipe): Promise<Uint8Array> {
  const prefix = new Uint8Array(3)
  let length = 0
  for (let i = 0; length === 0; i++) {
    if (i === prefix.byteLength) throw new InvalidCryptoExchangeError('plaintext: the length is too long')
    prefix.set(await pipe.read(1), i)
    length = measure(prefix.subarray(0, i + 1))
  }
  const size = decodeVarint(prefix)
  if (size <= maxExchangeLength) return pipe.read(size)
  throw new InvalidCryptoExchangeError(`plaintext: an exchange of ${size} bytes, at most ${maxExchangeLength} are read`)
}

function measure(prefix: Uint8Array): number {
  try {
    return measureVarint(prefix)
  } catch (cause) {
    throw new InvalidCryptoExchangeError('plaintext: the length is no varint', { cause })
  }
}

function readPeer(message: Uint8Array): PeerId {
  const { id, pubkey } = decodeExchange(message)
  let peerId: PeerId
  try {
    peerId = peerIdFromPublicKey(publicKeyFromProtobuf(pubkey))
  } catch (cause) {
    throw new InvalidCryptoExchangeError('plaintext: the public key cannot be read', { cause })
  }
  if (equals(peerId.toMultihash().bytes, id)) return peerId
  throw new InvalidCryptoExchangeError('plaintext: the id is not that of the public key')
}
