import type { ChannelFraming } from '@weft/interface-crypto-channel/compliance'

const changeCipherSpec = 20

/** The records of TLS, with a header of five bytes: type, version, length (RFC 8446, section 5.1). */
export const framing: ChannelFraming = {
  measure(bytes) {
    const first = recordLength(bytes, 0)
    // This one says nothing and is ignored, so that it goes together with the next one (section 5).
    return first === undefined || bytes[0] !== changeCipherSpec ? first : recordLength(bytes, first)
  },
  isIgnored(bytes, at) {
    if (bytes[0] === changeCipherSpec && at < 6) return true
    // The version of a record that is not encrypted: "MUST be ignored for all purposes".
    return bytes[0] === 22 && (at === 1 || at === 2)
  }
}

function recordLength(bytes: Uint8Array, at: number): number | undefined {
  if (bytes.byteLength < at + 5) return undefined
  return at + 5 + ((bytes[at + 3]! << 8) | bytes[at + 4]!)
}
