/** Points and signatures of the two Weierstrass curves, as they stand in keys and on the wire. */
import { concat } from '@weft/bytes'
import { DerReader, der, derPositive, derSequence } from './der.ts'

export type EcCurve = 'secp256k1' | 'P-256'

/** Orders of the curves (SEC 2, 2.4). */
const orders: Record<EcCurve, bigint> = {
  secp256k1: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
}

/** Whether 32 bytes are a private key: 1 to the order less 1. */
export function isSecret(curve: EcCurve, secret: Uint8Array): boolean {
  const value = readBig(secret)
  return value > 0n && value < orders[curve]
}

/** The 33 bytes of an uncompressed point of 65. */
export function compressPoint(point: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([Uint8Array.of(2 + (point[64]! & 1)), point.subarray(1, 33)])
}

/** SEQUENCE { r, s } of a signature of 64 bytes. */
export function encodeSignature(compact: Uint8Array): Uint8Array<ArrayBuffer> {
  return der(derSequence, derPositive(compact.subarray(0, 32)), derPositive(compact.subarray(32)))
}

/** The 64 bytes of a signature in strict DER; `undefined` where it is not that. */
export function decodeSignature(signature: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  // Two integers of at most 33 bytes each.
  if (signature.byteLength > 72) return undefined
  try {
    const outer = new DerReader(signature)
    const inner = new DerReader(outer.read(derSequence))
    outer.end()
    const r = inner.readPositive()
    const s = inner.readPositive()
    inner.end()
    if (r.byteLength > 32 || s.byteLength > 32) return undefined
    const compact = new Uint8Array(64)
    compact.set(r, 32 - r.byteLength)
    compact.set(s, 64 - s.byteLength)
    return compact
  } catch {
    return undefined
  }
}

/** Whether s is at most half the order: of (r, s) and (r, -s), which both verify, BIP 62 allows this one. */
export function isLowS(compact: Uint8Array): boolean {
  return readBig(compact.subarray(32)) <= orders.secp256k1 >> 1n
}

/** The same signature with s in the lower half. */
export function toLowS(compact: Uint8Array): Uint8Array {
  if (isLowS(compact)) return compact
  const out = Uint8Array.from(compact)
  let rest = orders.secp256k1 - readBig(compact.subarray(32))
  for (let i = 63; i >= 32; i--) {
    out[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return out
}

function readBig(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}
