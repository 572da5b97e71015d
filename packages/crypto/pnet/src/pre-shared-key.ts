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
  /** Not used: nothing is waited for. Configurations for js-libp2p may have it. */
  timeout?: number
}

const protectorOptions: OptionTable<ProtectorInit> = { psk: needed(secretBytes), timeout: unused }

/** What the node gives. Nothing of it is used. */
export interface ProtectorComponents {
  /** Not used: errors reach the caller. */
  logger?: ComponentLogger
}

/**
 * Makes the `connectionProtector` of a private network: what a node sends and reads, the very first bytes included, is
 * understood only by nodes with the same key. It proves nobody's identity and does not notice when bytes are changed: the
 * crypto channel on top of it does. Throws `PnetError` if `psk` is no key file.
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

  /** By which nodes of the network know each other in public, as in mDNS. */
  get [networkFingerprintSymbol](): Uint8Array {
    return fingerprintOf(this.#key)
  }

  /**
   * The connection, protected. Nothing is waited for: the nonce leaves together with what is written first, and the
   * remote's is read when it comes. A remote with another key, or none, is noticed by the reader of the first message.
   */
  protect(connection: MessageStream, options: AbortOptions = {}): Promise<MessageStream> {
    return performHandshake(connection, options, async pipe => {
      const nonce = crypto.getRandomValues(new Uint8Array(nonceLength))
      pipe.write(nonce)
      return new PnetStream(pipe, this.#key, nonce)
    })
  }
}
