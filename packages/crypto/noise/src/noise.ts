/**
 * The adapter of the handshake: reads and writes its messages, signs and checks identities, and makes the stream.
 *
 * As initiator it answers the responder's muxers with only the chosen one, as the specification allows, so that both
 * sides necessarily agree.
 */
import type {
  ComponentLogger,
  ConnectionEncrypter,
  MessageStream,
  Metrics,
  PeerId,
  PrivateKey,
  SecureConnectionOptions,
  SecuredConnection,
  StreamMuxerFactory
} from '@libp2p/interface'
import { checkOptions } from '@weft/errors'
import { type HandshakePipe, performHandshake, ProvenPeers } from '@weft/interface-crypto-channel'
import { withPrefix } from './core/constants.ts'
import { Handshake } from './core/handshake.ts'
import { chooseMuxer } from './core/muxer-choice.ts'
import { decodePayload, encodePayload, type NoisePayload } from './core/payload.ts'
import { type Identity, signIdentity, verifyIdentity } from './identity.ts'
import { type NoiseMetrics, registerMetrics } from './metrics.ts'
import { NoiseStream } from './noise-stream.ts'
import { type NoiseExtensions, type NoiseInit, noiseOptions, type NoiseSettings, settingsOf } from './options.ts'

/** The components that noise uses. */
export interface NoiseComponents {
  /** The identity. Its signature binds the static key to it (noise specification, "Static Key Authentication"). */
  privateKey: PrivateKey
  /** Not used: it follows from the key. Nodes of js-libp2p give it. */
  peerId?: PeerId
  /** Not used: errors reach the caller. Nodes of js-libp2p give it. */
  logger?: ComponentLogger
  /** Counts handshakes and messages, if present. */
  metrics?: Metrics
  /** Has the muxers that the handshake offers. Without it, none are offered. */
  upgrader?: { getStreamMuxers(): Map<string, StreamMuxerFactory> }
}

const noiseProtocol = '/noise'

/**
 * Creates noise for `connectionEncrypters`. Throws `InvalidParametersError` for invalid options.
 *
 * @see https://github.com/libp2p/specs/blob/master/noise/README.md
 */
export function noise(init: NoiseInit = {}): (components: NoiseComponents) => ConnectionEncrypter<NoiseExtensions> {
  const tellNotices = checkOptions('noise', noiseOptions, init)
  const settings = settingsOf(init)
  return components => {
    tellNotices(components)
    return new Noise(components, settings)
  }
}

type Secured = SecuredConnection<NoiseExtensions>

class Noise implements ConnectionEncrypter<NoiseExtensions> {
  readonly protocol = noiseProtocol
  readonly #components: NoiseComponents
  readonly #settings: NoiseSettings
  readonly #proven = new ProvenPeers()
  readonly #metrics: NoiseMetrics | undefined
  #identity: Identity | undefined

  static {
    Object.defineProperty(this.prototype, Symbol.for('@libp2p/service-capabilities'), {
      value: ['@libp2p/connection-encryption', '@libp2p/noise']
    })
  }

  constructor(components: NoiseComponents, settings: NoiseSettings) {
    this.#components = components
    this.#settings = settings
    this.#metrics = components.metrics === undefined ? undefined : registerMetrics(components.metrics)
  }

  get [Symbol.toStringTag](): string {
    return '@weft/noise'
  }

  secureOutbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<Secured> {
    return this.#counted(performHandshake(connection, options, pipe => this.#initiate(pipe, options)))
  }

  secureInbound(connection: MessageStream, options: SecureConnectionOptions = {}): Promise<Secured> {
    return this.#counted(performHandshake(connection, options, pipe => this.#respond(pipe, options)))
  }

  async #initiate(pipe: HandshakePipe, options: SecureConnectionOptions): Promise<Secured> {
    const handshake = this.#begin(true)
    pipe.write(withPrefix(handshake.writeA()))
    const payload = decodePayload(handshake.readB(await readMessage(pipe)))
    const remotePeer = await verifyIdentity(payload, handshake.remoteStatic!, options.remotePeer, this.#proven)
    const muxers = this.#muxers(options)
    const chosen = chooseMuxer([...muxers.keys()], muxersOf(payload))
    const offer = chosen === undefined ? [...muxers.keys()] : [chosen]
    pipe.write(withPrefix(handshake.writeC(await this.#payload(offer))))
    return secured(
      new NoiseStream(pipe, handshake.split(), this.#metrics),
      payload,
      remotePeer,
      muxers.get(chosen ?? '')
    )
  }

  async #respond(pipe: HandshakePipe, options: SecureConnectionOptions): Promise<Secured> {
    const handshake = this.#begin(false)
    handshake.readA(await readMessage(pipe))
    const muxers = this.#muxers(options)
    const offer = [...muxers.keys()]
    pipe.write(withPrefix(handshake.writeB(await this.#payload(offer))))
    const payload = decodePayload(handshake.readC(await readMessage(pipe)))
    const remotePeer = await verifyIdentity(payload, handshake.remoteStatic!, options.remotePeer, this.#proven)
    const chosen = chooseMuxer(muxersOf(payload), offer)
    return secured(
      new NoiseStream(pipe, handshake.split(), this.#metrics),
      payload,
      remotePeer,
      muxers.get(chosen ?? '')
    )
  }

  #counted(handshake: Promise<Secured>): Promise<Secured> {
    const metrics = this.#metrics
    if (metrics === undefined) return handshake
    return handshake.then(
      made => {
        metrics.successes.increment()
        return made
      },
      (error: Error) => {
        metrics.errors.increment()
        throw error
      }
    )
  }

  #begin(initiator: boolean): Handshake {
    const { crypto, prologue, staticKey } = this.#settings
    return new Handshake({ crypto, initiator, prologue, staticKey })
  }

  #muxers(options: SecureConnectionOptions): Map<string, StreamMuxerFactory> {
    if (options.skipStreamMuxerNegotiation === true) return new Map()
    return this.#components.upgrader?.getStreamMuxers() ?? new Map()
  }

  async #payload(streamMuxers: string[]): Promise<Uint8Array> {
    const { staticKey, certhashes } = this.#settings
    this.#identity ??= await signIdentity(this.#components.privateKey, staticKey.publicKey)
    return encodePayload({ ...this.#identity, extensions: { webtransportCerthashes: certhashes, streamMuxers } })
  }
}

async function readMessage(pipe: HandshakePipe): Promise<Uint8Array> {
  const prefix = await pipe.read(2)
  return pipe.read((prefix[0]! << 8) | prefix[1]!)
}

function muxersOf(payload: NoisePayload): string[] {
  return payload.extensions?.streamMuxers ?? []
}

function secured(
  connection: NoiseStream,
  payload: NoisePayload,
  remotePeer: PeerId,
  streamMuxer: StreamMuxerFactory | undefined
): Secured {
  return {
    connection,
    remotePeer,
    ...(payload.extensions !== undefined && { remoteExtensions: payload.extensions }),
    ...(streamMuxer !== undefined && { streamMuxer })
  }
}
