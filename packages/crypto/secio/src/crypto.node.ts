/** The cryptography of `node:crypto`. */
import { createCipheriv, createECDH, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Curve, HashName, SecioCrypto } from './core/crypto.ts'

const curves: Readonly<Record<Curve, { name: string; pointLength: number }>> = {
  'P-256': { name: 'prime256v1', pointLength: 65 },
  'P-384': { name: 'secp384r1', pointLength: 97 },
  'P-521': { name: 'secp521r1', pointLength: 133 }
}
const hashes: Readonly<Record<HashName, string>> = { SHA256: 'sha256', SHA512: 'sha512' }

export const nodeCrypto: SecioCrypto = {
  sha256: bytes => plain(createHash('sha256').update(bytes).digest()),
  hmac(hash, key, parts) {
    const mac = createHmac(hashes[hash], key)
    for (const part of parts) mac.update(part)
    return plain(mac.digest())
  },
  makeEphemeral(curve) {
    const { name, pointLength } = curves[curve]
    const ecdh = createECDH(name)
    return {
      publicKey: plain(ecdh.generateKeys()),
      secretWith(publicKey) {
        if (publicKey.byteLength !== pointLength || publicKey[0] !== 4)
          throw new RangeError('not an uncompressed point')
        return plain(ecdh.computeSecret(publicKey))
      }
    }
  },
  cipher(key, iv) {
    // Counter mode encrypts and decrypts alike.
    const cipher = createCipheriv(`aes-${key.byteLength * 8}-ctr`, key, iv)
    return { update: bytes => plain(cipher.update(bytes)) }
  },
  equals: (a, b) => a.byteLength === b.byteLength && timingSafeEqual(a, b)
}

/** A `Buffer` as what the rest of weft knows: its `slice` would not copy. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
