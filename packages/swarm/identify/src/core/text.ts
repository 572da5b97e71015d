import { maxProtocolLength, maxVersionLength } from './limits.ts'

// Control characters, and the invisible ones that turn the direction of text or end a line: what a terminal or a log
// would obey.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text of a peer as it may be shown: without control characters, and not longer than 256 characters. */
export function cleanText(text: string): string {
  // Twice the length is enough to look at: the rest would be cut off, unless half of it were unprintable.
  return Array.from(text.slice(0, 2 * maxVersionLength).replace(unprintable, ''))
    .slice(0, maxVersionLength)
    .join('')
}

/** Whether it can be the name of a protocol: printable, and not longer than 256 bytes. */
export function isProtocolName(name: string): boolean {
  if (name.length === 0 || name.length > maxProtocolLength) return false
  return name.search(unprintable) === -1 && utf8Length(name) <= maxProtocolLength
}

function utf8Length(text: string): number {
  let length = 0
  for (const character of text) {
    const point = character.codePointAt(0)!
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return length
}
