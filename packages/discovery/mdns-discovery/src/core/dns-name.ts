/**
 * Names as text: labels joined by dots. A label may hold any bytes, so all but letters, digits, `-` and `_` are written as
 * `\DDD`, and no two names have the same text. Upper-case letters are kept; `sameName` does not mind them.
 */
import { DnsMessageError } from '../errors.ts'
import { maxLabelLength, maxNameLength, maxPointers } from './dns-message.ts'

/** A name that was read, and where what follows it begins. */
export interface NameAt {
  readonly name: string
  readonly end: number
}

const pointerBits = 0xc0

/** Reads the name at `start`. Pointers lead strictly backwards (RFC 1035, section 4.1.4), so reading ends. */
export function readName(packet: Uint8Array, start: number): NameAt {
  const labels: string[] = []
  let at = start
  let end: number | undefined
  let length = 1
  // A pointer leads before the part of the name in which it stands.
  let floor = start
  for (let pointers = 0; ; ) {
    const byte = packet[at]
    if (byte === undefined) throw new DnsMessageError('ERR_DNS_TRUNCATED', 'the packet ends within a name')
    if ((byte & pointerBits) === pointerBits) {
      const low = packet[at + 1]
      if (low === undefined) throw new DnsMessageError('ERR_DNS_TRUNCATED', 'the packet ends within a pointer')
      end ??= at + 2
      at = ((byte & 0x3f) << 8) | low
      pointers++
      if (at >= floor || pointers > maxPointers) {
        throw new DnsMessageError('ERR_DNS_POINTER', 'a compression pointer does not lead strictly backwards')
      }
      floor = at
    } else if ((byte & pointerBits) !== 0) {
      throw new DnsMessageError('ERR_DNS_NAME', `a label begins with ${byte}`)
    } else if (byte === 0) {
      return { name: labels.join('.'), end: end ?? at + 1 }
    } else {
      length += byte + 1
      if (length > maxNameLength) throw new DnsMessageError('ERR_DNS_TOO_LONG', 'a name is longer than 255 bytes')
      if (at + 1 + byte > packet.byteLength) {
        throw new DnsMessageError('ERR_DNS_TRUNCATED', 'the packet ends within a label')
      }
      labels.push(escapeLabel(packet.subarray(at + 1, at + 1 + byte)))
      at += byte + 1
    }
  }
}

/** The labels of a name, as bytes. Throws `DnsMessageError` where it cannot be written. */
export function labelsOf(name: string): Uint8Array[] {
  if (name === '') return []
  const labels = name.split('.').map(unescapeLabel)
  const length = labels.reduce((sum, label) => sum + label.byteLength + 1, 1)
  if (length > maxNameLength) throw new DnsMessageError('ERR_DNS_TOO_LONG', `${name} is longer than 255 bytes`)
  return labels
}

/** Whether two names are the same: letters in either case are (RFC 1035, section 2.3.3). */
export function sameName(a: string, b: string): boolean {
  return a.length === b.length && lowerCase(a) === lowerCase(b)
}

/** Whether `name` is one of those below `parent`. */
export function isBelow(name: string, parent: string): boolean {
  return (
    name.length > parent.length && name.at(-parent.length - 1) === '.' && sameName(name.slice(-parent.length), parent)
  )
}

/** A name as a key of a map. */
export function lowerCase(name: string): string {
  // Only what is ASCII is in it.
  return name.toLowerCase()
}

const plain = /[A-Za-z0-9_-]/

/** The text of one label. */
function escapeLabel(label: Uint8Array): string {
  let text = ''
  for (const byte of label) {
    const character = String.fromCharCode(byte)
    text += plain.test(character) ? character : `\\${byte.toString().padStart(3, '0')}`
  }
  return text
}

function unescapeLabel(text: string): Uint8Array {
  const bytes: number[] = []
  for (const [part] of text.matchAll(/\\[0-9]{3}|[^]/g)) {
    const byte = part.length === 4 ? Number(part.slice(1)) : part.charCodeAt(0)
    if (byte > 255 || (part.length === 1 && !plain.test(part))) {
      throw new DnsMessageError('ERR_DNS_NAME', `"${text}" is no label`)
    }
    bytes.push(byte)
  }
  if (bytes.length === 0 || bytes.length > maxLabelLength) {
    throw new DnsMessageError('ERR_DNS_NAME', `"${text}" is no label: it has 1 to ${maxLabelLength} bytes`)
  }
  return Uint8Array.from(bytes)
}
