import type { AbortOptions, ComponentLogger, ConnectionProtector, MessageStream } from '@libp2p/interface'
import { checkOptions, needed, type OptionTable, secretBytes, unused } from '@weft/errors'
import { networkFingerprintSymbol, performHandshake } from '@weft/interface-crypto-channel'
import { decodeKeyFile } from './core/key-file.ts'
import { fingerprintOf } from './core/fingerprint.ts'
import { nonceLength } from './core/keystream.ts'
import { PnetStream } from './pnet-stream.ts'

/** Options of `preSharedKey()`, with js-libp2p's names. */
export interface ProtectorInit {
  /** The key file, as it is: the same for all nodes of the network. See `generateKey`. */
  psk: Uint8Array
  /** Not used, as nothing is awaited. Accepted for js-libp2p's configurations. */
  timeout?: number
}

const protectorOptions: OptionTable<ProtectorInit> = { psk: needed(secretBytes), timeout: unused }

/** The node's components. Not used. */
export interface ProtectorComponents {
  /** Not used: errors reach the caller. */
  logger?: ComponentLogger
}

/**
 * Creates the `connectionProtector` of a private network: all data, from the first byte, can be read only by nodes with
 * the same key. It authenticates neither peers nor data: the crypto channel above it does. Throws `PnetError` if `psk`
 * is not a key file.
 *
 * @see https://github.com/libp2p/specs/blob/master/pnet/Private-Networks-PSK-V1.md
 */
export function preSharedKey(init: ProtectorInit): (components?: ProtectorComponents) => ConnectionProtector {
  const tellNotices = checkOptions('preSharedKey', protectorOptions, init)
  const key = new Uint8Array(decodeKeyFile(init.psk))
  return components => {
    tellNotices(components)
    return new PreSharedKey(key)
  }
}

class PreSharedKey implements ConnectionProtector {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  get [Symbol.toStringTag](): string {
    return '@weft/pnet'
  }

  /** Identifies the network in public, as in mDNS. */
  get [networkFingerprintSymbol](): Uint8Array {
    return fingerprintOf(this.#key)
  }

  /**
   * Protects a connection, without waiting: the nonce is sent with the first data, and the remote's is read when it
   * arrives. A remote with another key, or none, is detected when its first message is read.
   */
  protect(connection: MessageStream, options: AbortOptions = {}): Promise<MessageStream> {
    return performHandshake(connection, options, async pipe => {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceLength))
      pipe.write(nonce)
      return new PnetStream(pipe, this.#key, nonce)
    })
  }
}
