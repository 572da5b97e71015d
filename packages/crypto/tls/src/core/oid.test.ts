import { fromHex } from '@weft/bytes'
import { expect, it } from 'vitest'
import { oidText } from './oid.ts'

it.each([
  ['2b0601040183a25a0101', '1.3.6.1.4.1.53594.1.1'],
  ['551d13', '2.5.29.19'],
  ['883703', '2.999.3'],
  ['00', '0.0'],
  // none, cut off, with a number that no text is for, and a long one
  ['', ''],
  ['2a83', '2a83'],
  ['2affffffffffffffff7f', '2affffffffffffffff7f'],
  ['01'.repeat(33), '01'.repeat(32)]
])('%s is the object identifier %s', (hex, text) => {
  expect(oidText(fromHex(hex))).toBe(text)
})
