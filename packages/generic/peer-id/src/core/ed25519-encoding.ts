/** Which 32 bytes are refused as an Ed25519 public key or as the point of a signature. */
import { fromHex } from '@weft/bytes'

// The y of the eight points whose order divides eight (the torsion subgroup); the sign bit tells x from -x.
// Under such a key one signature fits many messages.
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000', // order 4
  '0100000000000000000000000000000000000000000000000000000000000000', // order 1
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // order 2
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a' // order 8
].map(fromHex)

/** Whether 32 bytes encode a point of order 1, 2, 4 or 8, whatever their sign bit. */
export function isSmallOrder(point: Uint8Array): boolean {
  return smallOrder.some(y => point.every((byte, i) => (i === 31 ? byte & 0x7f : byte) === y[i]))
}

/** Whether y is below p = 2^255 - 19, so that the point has this encoding only (RFC 8032, 5.1.3). */
export function isCanonical(point: Uint8Array): boolean {
  if ((point[31]! & 0x7f) !== 0x7f || point[0]! < 0xed) return true
  return point.subarray(1, 31).some(byte => byte !== 0xff)
}
