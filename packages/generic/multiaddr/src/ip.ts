/**
 * IP addresses as text and bytes. Text follows RFC 4291 section 2.2 (IPv6) and dotted decimal without leading zeros
 * (IPv4); zones (`%eth0`) are no part of it. What is written is the form of RFC 5952 section 4: lower case, the longest
 * run of zero groups as `::`. IPv4-mapped addresses are written in hex groups, as js-libp2p and URLs write them.
 */

/** The 4 bytes of an IPv4 address, or undefined if the text is none. */
export function parseIp4(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length > 15) return undefined
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes = new Uint8Array(4)
  for (const [i, part] of parts.entries()) {
    // A leading zero means octal to some readers, so it is refused.
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part)) return undefined
    const value = Number(part)
    if (value > 255) return undefined
    bytes[i] = value
  }
  return bytes
}

/** The 16 bytes of an IPv6 address, or undefined if the text is none. */
export function parseIp6(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length > 45) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0]!, halves.length === 1)
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 16 ? Uint8Array.from(head) : undefined
  const tail = parseGroups(halves[1]!, true)
  // "::" stands for one group of zeros at least.
  if (tail === undefined || head.length + tail.length > 14) return undefined
  const bytes = new Uint8Array(16)
  bytes.set(head)
  bytes.set(tail, 16 - tail.length)
  return bytes
}

/** The 4 or 16 bytes of an IP address, or undefined if the text is none. */
export function parseIp(text: string): Uint8Array<ArrayBuffer> | undefined {
  return text.includes(':') ? parseIp6(text) : parseIp4(text)
}

/** Text of 4 or 16 bytes. Throws `RangeError` for another length. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.byteLength === 4) return bytes.join('.')
  if (bytes.byteLength !== 16) throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.byteLength}`)
  const groups: string[] = []
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16))
  const run = longestZeroRun(groups)
  if (run.length < 2) return groups.join(':')
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`
}

/** Bytes of groups between colons. The last may be an IPv4 address where the text ends there. */
function parseGroups(text: string, last: boolean): number[] | undefined {
  const bytes: number[] = []
  if (text === '') return bytes
  const groups = text.split(':')
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
      continue
    }
    const ip4 = last && i === groups.length - 1 ? parseIp4(group) : undefined
    if (ip4 === undefined) return undefined
    bytes.push(...ip4)
  }
  return bytes
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === '0') continue
    if (i - start > best.length) best = { start, length: i - start }
    start = i + 1
  }
  return best
}
