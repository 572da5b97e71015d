/** The digits of an object identifier, `1.2.3` (X.690, section 8.19); hex of its content where that is none or a long one. */
import { toHex } from '@weft/bytes'

// Longer ones, and larger numbers inside, are nobody's: the text is for people.
const maxLength = 32

export function oidText(content: Uint8Array): string {
  const numbers: number[] = []
  let value = 0
  for (const octet of content.subarray(0, maxLength)) {
    value = value * 128 + (octet & 0x7f)
    if (octet >= 0x80) continue
    numbers.push(value)
    value = 0
  }
  const [first, ...rest] = numbers
  const whole = content.byteLength <= maxLength && content.at(-1)! < 0x80 && numbers.every(Number.isSafeInteger)
  if (first === undefined || !whole) return toHex(content.subarray(0, maxLength))
  // The first two numbers stand in one.
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}
