/** What two proposals come to, and the keys that follow from the common secret. */
import { compare, concat } from '@weft/bytes'
import { InvalidCryptoExchangeError } from '@weft/errors'
import {
  type CipherName,
  type Curve,
  type HashName,
  ivLength,
  keyLengths,
  macKeyLength,
  type SecioCrypto
} from './crypto.ts'
import type { Propose } from './messages.ts'

/** What is offered, the preferred first: what js-libp2p and go-libp2p offered. */
export const offer = {
  exchanges: ['P-256', 'P-384', 'P-521'] as readonly Curve[],
  ciphers: ['AES-256', 'AES-128'] as readonly CipherName[],
  hashes: ['SHA256', 'SHA512'] as readonly HashName[]
}

/** What both sides use. */
export interface Agreement {
  readonly curve: Curve
  readonly cipher: CipherName
  readonly hash: HashName
  /** Whether this side's preferences count, and the first half of the keys is its own. */
  readonly isFirst: boolean
}

/** The keys of one direction. */
export interface DirectionKeys {
  readonly iv: Uint8Array
  readonly key: Uint8Array
  readonly macKey: Uint8Array
}

// More than any peer ever offered.
const maxOffers = 32
const seed: Uint8Array = new TextEncoder().encode('key expansion')

/** Throws `InvalidCryptoExchangeError` if nothing is in common, or both proposals are the same. */
export function agree(crypto: SecioCrypto, own: Propose, remote: Propose): Agreement {
  // Keys count as the bytes that were sent: another encoding of one would give another order.
  const order = compare(
    crypto.sha256(concat([remote.pubkey, own.rand])),
    crypto.sha256(concat([own.pubkey, remote.rand]))
  )
  if (order === 0) throw new InvalidCryptoExchangeError('secio: the remote is this node itself')
  const isFirst = order > 0
  const choose = <T extends string>(what: string, ours: string, theirs: string, known: readonly T[]): T => {
    const [first, second] = isFirst ? [list(ours), list(theirs)] : [list(theirs), list(ours)]
    const chosen = first.find(name => second.includes(name) && known.includes(name as T))
    if (chosen === undefined) throw new InvalidCryptoExchangeError(`secio: the two sides have no ${what} in common`)
    return chosen as T
  }
  return {
    curve: choose('curve', own.exchanges, remote.exchanges, offer.exchanges),
    cipher: choose('cipher', own.ciphers, remote.ciphers, offer.ciphers),
    hash: choose('hash', own.hashes, remote.hashes, offer.hashes),
    isFirst
  }
}

/** The keys of this side and of the remote ("key stretching", RFC 5246, section 5, with another seed). */
export function stretch(crypto: SecioCrypto, agreement: Agreement, secret: Uint8Array): [DirectionKeys, DirectionKeys] {
  const { hash, cipher, isFirst } = agreement
  const keyLength = keyLengths[cipher]
  const length = ivLength + keyLength + macKeyLength
  const out: Uint8Array[] = []
  let a = crypto.hmac(hash, secret, [seed])
  for (let have = 0; have < 2 * length; ) {
    const block = crypto.hmac(hash, secret, [a, seed])
    out.push(block)
    have += block.byteLength
    a = crypto.hmac(hash, secret, [a])
  }
  const all = concat(out)
  const half = (at: number): DirectionKeys => ({
    iv: new Uint8Array(all.subarray(at, at + ivLength)),
    key: new Uint8Array(all.subarray(at + ivLength, at + ivLength + keyLength)),
    macKey: new Uint8Array(all.subarray(at + ivLength + keyLength, at + length))
  })
  const [first, second] = [half(0), half(length)]
  return isFirst ? [first, second] : [second, first]
}

function list(names: string): string[] {
  return names.split(',', maxOffers)
}
