/**
 * The cryptography of `node:crypto`. Keys are `KeyObject`s made once: on Node 24 a raw key costs 11 to 23 µs a call more.
 * What was measured stands in `benchmarks/micro`.
 */
import {
  type CipherChaCha20Poly1305,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  getCiphers,
  type KeyObject
} from 'node:crypto'
import { concat, fromHex } from '@weft/bytes'
import { withoutStackTraces } from '@weft/errors'
import { prefixLength, tagLength, writePrefix } from './core/constants.ts'
import type { CipherKey, DhKeyPair, NoiseCrypto } from './core/crypto.ts'
import { nobleCrypto } from './crypto.noble.ts'
import { RunBuffer } from './run-buffer.ts'
import { openField, openSmall, sealField, sealSmall } from './small-records.ts'

const cipherName = 'chacha20-poly1305'
const cipherOptions = { authTagLength: tagLength }
const pkcs8Head: Uint8Array = fromHex('302e020100300506032b656e04220420')

// Up to here WebAssembly is faster where the code of node:crypto is cold, as after a wake-up (benchmarks/NOTES.md); in a loop
// it is so up to a few hundred bytes (benchmarks/micro).
const usualMaxSmall = 1024
// Electron's library and Bun's have no ChaCha20-Poly1305. WebAssembly does it all there: twice as fast as JavaScript in Bun.
const maxSmall = getCiphers().includes(cipherName) ? usualMaxSmall : Number.POSITIVE_INFINITY
// Up to here a record is copied into one buffer: cheaper than two small ones beside it in every layer below.
const maxJoined = 2048
// From here a part goes to the cipher as it is; copying it would cost more than a call of update().
const minDirect = 16_384

// One for all channels: it is empty between calls.
const run = new RunBuffer()
const empty = new Uint8Array(0)

const isNode24 = Number.parseInt(process.versions.node, 10) >= 24
// Node 20 was seen to hang in the export of a fresh pair as JWK, which is the faster form.
const exportsJwk = isNode24
// A text is the one form that Node 24 takes without throwing first; before, reading PEM cost 100 µs (benchmarks/NOTES.md).
const importsPem = isNode24
// DER before the key (RFC 8410, section 4): 12 bytes, so that the base 64 of the key stands for itself.
const pemHead = `-----BEGIN PUBLIC KEY-----\n${Buffer.from('302a300506032b656e032100', 'hex').toString('base64')}`
const pemTail = '\n-----END PUBLIC KEY-----\n'

/** The pair of the next handshake, made while nobody waits for it. Each is given out once. */
let spare: DhKeyPair | undefined
let makeSpare: NodeJS.Immediate | undefined

export const defaultCrypto: NoiseCrypto = {
  // Hashing stays in JavaScript, which is faster for inputs as short as these.
  ...nobleCrypto,
  generateKeyPair() {
    const pair = spare ?? freshKeyPair()
    spare = undefined
    // Soon this side waits for the remote anyway.
    makeSpare ??= setImmediate(() => {
      makeSpare = undefined
      try {
        spare = freshKeyPair()
      } catch {
        // The next handshake makes its own, and is told why if it cannot.
      }
    }).unref()
    return pair
  },
  keyPairOf(seed): DhKeyPair {
    const privateKey = createPrivateKey({ key: Buffer.from(concat([pkcs8Head, seed])), format: 'der', type: 'pkcs8' })
    return { publicKey: spkiPublicKey(createPublicKey(privateKey)), privateKey }
  },
  importKey(publicKey) {
    const bytes = Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength)
    if (importsPem) return createPublicKey(pemHead + bytes.toString('base64') + pemTail)
    const x = bytes.toString('base64url')
    return withoutStackTraces(() => createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' }))
  },
  dh: (pair, remote) =>
    plain(diffieHellman({ privateKey: pair.privateKey as KeyObject, publicKey: remote as KeyObject })),
  cipherKey: key => new NodeKey(key),
  handshakeKey: key => new NodeKey(key)
}

function freshKeyPair(): DhKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  return { publicKey: rawPublicKey(publicKey), privateKey }
}

class NodeKey implements CipherKey {
  readonly #bytes: Uint8Array
  /** Made for the first large record: many channels carry none. */
  #keyObject: KeyObject | undefined

  constructor(key: Uint8Array) {
    this.#bytes = key
  }

  seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    if (plaintext.byteLength <= maxSmall) return sealField(this.#bytes, nonce, ad, plaintext)
    const cipher = this.#cipher(nonce)
    cipher.setAAD(ad, { plaintextLength: plaintext.byteLength })
    const ciphertext = cipher.update(plaintext)
    cipher.final()
    return concat([ciphertext, cipher.getAuthTag()])
  }

  open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined {
    const split = ciphertext.byteLength - tagLength
    if (split >= 0 && split <= maxSmall) return openField(this.#bytes, nonce, ad, ciphertext)
    return this.#decrypt(nonce, ad, [ciphertext.subarray(0, split)], ciphertext.subarray(split))?.[0]
  }

  sealRecord(nonce: Uint8Array, parts: readonly Uint8Array[], length: number, out: Uint8Array[]): void {
    if (length <= maxSmall) {
      out.push(sealSmall(this.#bytes, nonce, run.join(parts)))
      return
    }
    const cipher = this.#cipher(nonce)
    if (length <= maxJoined) {
      const ciphertext = cipher.update(run.join(parts))
      cipher.final()
      const record = new Uint8Array(prefixLength + length + tagLength)
      writePrefix(length + tagLength, record)
      record.set(ciphertext, prefixLength)
      record.set(cipher.getAuthTag(), prefixLength + length)
      out.push(record)
      return
    }
    const prefix = Buffer.allocUnsafe(prefixLength)
    writePrefix(length + tagLength, prefix)
    out.push(prefix)
    for (let i = 0; i < parts.length; ) {
      let end = i + 1
      if (parts[i]!.byteLength < minDirect) while (end < parts.length && parts[end]!.byteLength < minDirect) end++
      // As a Buffer, which is what sockets take: anything else they would wrap once more.
      out.push(cipher.update(run.join(parts, i, end)))
      i = end
    }
    cipher.final()
    out.push(cipher.getAuthTag())
  }

  openRecord(nonce: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array[] | undefined {
    let length = -tagLength
    for (const piece of pieces) length += piece.byteLength
    if (length <= maxSmall) {
      const plaintext = openSmall(this.#bytes, nonce, pieces.length === 1 ? pieces[0]! : concat(pieces))
      return plaintext && [plaintext]
    }
    const ciphertext = pieces.slice()
    const last = ciphertext.pop()!
    const split = last.byteLength - tagLength
    if (split > 0) ciphertext.push(last.subarray(0, split))
    return this.#decrypt(nonce, undefined, ciphertext, last.subarray(split))
  }

  #key(): KeyObject {
    return (this.#keyObject ??= createSecretKey(this.#bytes))
  }

  #cipher(nonce: Uint8Array): CipherChaCha20Poly1305 {
    return createCipheriv(cipherName, this.#key(), nonce, cipherOptions)
  }

  /** Each piece is decrypted by itself, which costs less than joining them; all are kept back until the tag was checked. */
  #decrypt(
    nonce: Uint8Array,
    ad: Uint8Array | undefined,
    pieces: readonly Uint8Array[],
    tag: Uint8Array
  ): Uint8Array[] | undefined {
    const decipher = createDecipheriv(cipherName, this.#key(), nonce, cipherOptions)
    decipher.setAuthTag(tag)
    if (ad !== undefined) decipher.setAAD(ad, { plaintextLength: pieces[0]?.byteLength ?? 0 })
    const plaintext = pieces.map(piece => plain(decipher.update(piece)))
    try {
      decipher.final()
    } catch {
      return undefined
    }
    return plaintext.length > 0 ? plaintext : [empty]
  }
}

function rawPublicKey(key: KeyObject): Uint8Array {
  if (!exportsJwk) return spkiPublicKey(key)
  return plain(Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url'))
}

function spkiPublicKey(key: KeyObject): Uint8Array {
  return plain(key.export({ format: 'der', type: 'spki' }).subarray(-32))
}

/** A `Buffer` as what the rest of weft knows: its `slice` would not copy. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
