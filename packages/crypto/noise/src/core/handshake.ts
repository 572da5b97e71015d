/**
 * The XX handshake of Noise: `-> e`, `<- e, ee, s, es`, `-> s, se`. The caller frames and carries the messages, and
 * decides about the payload, with the remote's identity in it, before it goes on.
 *
 * @see https://noiseprotocol.org/noise.html
 */
import { concat } from '@weft/bytes'
import { InvalidCryptoExchangeError } from '@weft/errors'
import type { CipherState } from './cipher-state.ts'
import { keyLength, tagLength } from './constants.ts'
import type { DhKeyPair, NoiseCrypto } from './crypto.ts'
import { SymmetricState } from './symmetric-state.ts'

export interface HandshakeInit {
  readonly crypto: NoiseCrypto
  readonly initiator: boolean
  readonly prologue: Uint8Array
  readonly staticKey: DhKeyPair
  /** The ephemeral pair: a fresh one by default, a fixed one for test vectors. */
  readonly ephemeralKey?: DhKeyPair | undefined
}

/** The ciphers of a finished handshake. */
export interface TransportKeys {
  readonly send: CipherState
  readonly receive: CipherState
}

type State =
  | { readonly kind: 'start' | 'afterOwnA' | 'failed' | 'split' }
  | { readonly kind: 'afterRemoteA'; readonly remoteEphemeral: Uint8Array }
  | { readonly kind: 'afterB'; readonly remoteEphemeral: ImportedKey }
  | { readonly kind: 'done' }

/** What `NoiseCrypto.importKey` makes of a remote's key. */
interface ImportedKey {
  readonly key: unknown
}

const sealedKeyLength = keyLength + tagLength
const noPayload = new Uint8Array(0)

/** One side of a handshake. Methods throw `InvalidCryptoExchangeError`; afterwards no method may be called. */
export class Handshake {
  readonly #crypto: NoiseCrypto
  readonly #initiator: boolean
  readonly #static: DhKeyPair
  readonly #symmetric: SymmetricState
  #state: State = { kind: 'start' }
  #ephemeral: DhKeyPair | undefined
  #remoteStatic: Uint8Array | undefined

  constructor({ crypto, initiator, prologue, staticKey, ephemeralKey }: HandshakeInit) {
    this.#crypto = crypto
    this.#initiator = initiator
    this.#static = staticKey
    this.#ephemeral = ephemeralKey
    this.#symmetric = new SymmetricState(crypto, prologue)
  }

  /** The remote's static key, once the message that carries it was read. */
  get remoteStatic(): Uint8Array | undefined {
    return this.#remoteStatic
  }

  get handshakeHash(): Uint8Array {
    return this.#symmetric.handshakeHash
  }

  /** Initiator: the first message. Its payload would not be encrypted, so libp2p leaves it empty. */
  writeA(payload: Uint8Array = noPayload): Uint8Array {
    this.#leave('start', true)
    const { publicKey } = this.#makeEphemeral()
    this.#symmetric.mixHash(publicKey)
    const message = concat([publicKey, this.#symmetric.encryptAndHash(payload)])
    this.#state = { kind: 'afterOwnA' }
    return message
  }

  /** Responder: reads the first message. */
  readA(message: Uint8Array): Uint8Array {
    this.#leave('start', false)
    checkLength('first', message, keyLength)
    const remoteEphemeral = new Uint8Array(message.subarray(0, keyLength))
    this.#symmetric.mixHash(remoteEphemeral)
    const payload = this.#symmetric.decryptAndHash(message.subarray(keyLength))
    this.#state = { kind: 'afterRemoteA', remoteEphemeral }
    return payload
  }

  /** Responder: the second message. */
  writeB(payload: Uint8Array): Uint8Array {
    const state = this.#leave('afterRemoteA', false)
    const symmetric = this.#symmetric
    const remoteEphemeral = this.#import(state.remoteEphemeral)
    const ephemeral = this.#makeEphemeral()
    symmetric.mixHash(ephemeral.publicKey)
    this.#mixDh(ephemeral, remoteEphemeral)
    const sealedStatic = symmetric.encryptAndHash(this.#static.publicKey)
    this.#mixDh(this.#static, remoteEphemeral)
    const message = concat([ephemeral.publicKey, sealedStatic, symmetric.encryptAndHash(payload)])
    this.#state = { kind: 'afterB', remoteEphemeral }
    return message
  }

  /** Initiator: reads the second message and returns its payload. */
  readB(message: Uint8Array): Uint8Array {
    this.#leave('afterOwnA', true)
    checkLength('second', message, keyLength + sealedKeyLength + tagLength)
    const ephemeral = new Uint8Array(message.subarray(0, keyLength))
    this.#symmetric.mixHash(ephemeral)
    const remoteEphemeral = this.#import(ephemeral)
    this.#mixDh(this.#makeEphemeral(), remoteEphemeral)
    const rest = keyLength + sealedKeyLength
    this.#remoteStatic = this.#open('second', message.subarray(keyLength, rest))
    this.#mixDh(this.#makeEphemeral(), this.#import(this.#remoteStatic))
    const payload = this.#open('second', message.subarray(rest))
    this.#state = { kind: 'afterB', remoteEphemeral }
    return payload
  }

  /** Initiator: the third message. */
  writeC(payload: Uint8Array): Uint8Array {
    const { remoteEphemeral } = this.#leave('afterB', true)
    const sealedStatic = this.#symmetric.encryptAndHash(this.#static.publicKey)
    this.#mixDh(this.#static, remoteEphemeral)
    const message = concat([sealedStatic, this.#symmetric.encryptAndHash(payload)])
    this.#state = { kind: 'done' }
    return message
  }

  /** Responder: reads the third message and returns its payload. */
  readC(message: Uint8Array): Uint8Array {
    this.#leave('afterB', false)
    checkLength('third', message, sealedKeyLength + tagLength)
    this.#remoteStatic = this.#open('third', message.subarray(0, sealedKeyLength))
    this.#mixDh(this.#makeEphemeral(), this.#import(this.#remoteStatic))
    const payload = this.#open('third', message.subarray(sealedKeyLength))
    this.#state = { kind: 'done' }
    return payload
  }

  /** The keys for what follows. */
  split(): TransportKeys {
    this.#leave('done', this.#initiator)
    const [first, second] = this.#symmetric.split()
    this.#state = { kind: 'split' }
    return this.#initiator ? { send: first, receive: second } : { send: second, receive: first }
  }

  /** Created late: a silent connection costs no key generation. */
  #makeEphemeral(): DhKeyPair {
    this.#ephemeral ??= this.#crypto.generateKeyPair()
    return this.#ephemeral
  }

  /** Takes the state required by a step. The handshake is in a failed state until the step has set the next one. */
  #leave<K extends State['kind']>(kind: K, initiator: boolean): Extract<State, { readonly kind: K }> {
    const state = this.#state
    this.#state = { kind: 'failed' }
    if (state.kind !== kind || this.#initiator !== initiator) {
      throw new InvalidCryptoExchangeError('noise: a handshake step out of order')
    }
    return state as Extract<State, { readonly kind: K }>
  }

  #import(publicKey: Uint8Array): ImportedKey {
    return { key: agreed(() => this.#crypto.importKey(publicKey)) }
  }

  /**
   * RFC 7748, section 6.1: an all-zero result means that the remote's key has small order; there is no shared secret.
   */
  #mixDh(pair: DhKeyPair, { key }: ImportedKey): void {
    const secret = agreed(() => this.#crypto.dh(pair, key))
    if (secret.every(byte => byte === 0)) throw new InvalidCryptoExchangeError('noise: the shared secret is zero')
    this.#symmetric.mixKey(secret)
  }

  #open(which: string, ciphertext: Uint8Array): Uint8Array {
    try {
      return this.#symmetric.decryptAndHash(ciphertext)
    } catch (cause) {
      throw new InvalidCryptoExchangeError(`noise: the ${which} handshake message is not authentic`, { cause })
    }
  }
}

function agreed<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    throw new InvalidCryptoExchangeError('noise: the key agreement failed', { cause })
  }
}

function checkLength(which: string, message: Uint8Array, minimum: number): void {
  const { byteLength } = message
  if (byteLength >= minimum) return
  throw new InvalidCryptoExchangeError(`noise: the ${which} handshake message has ${byteLength} bytes, not ${minimum}`)
}
