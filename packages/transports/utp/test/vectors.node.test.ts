import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { decodePacket, encodePacket } from '../src/index.ts'

const folder = fileURLToPath(new URL('vectors/', import.meta.url))

/** UDP payloads of a capture, in whatever link layer: what follows the header of UDP, whole packets only. */
function payloadsOf(file: string): Uint8Array[] {
  const bytes = readFileSync(folder + file)
  const payloads: Uint8Array[] = []
  const link = bytes.readUInt32LE(20)
  const skip = { 1: 14, 113: 16, 276: 20 }[link]
  if (skip === undefined) throw new Error(`link layer ${link}`)
  for (let at = 24; at < bytes.byteLength; ) {
    const length = bytes.readUInt32LE(at + 8)
    const ip = bytes.subarray(at + 16 + skip, at + 16 + length)
    const header = ip[0]! >> 4 === 6 ? 40 : (ip[0]! & 15) * 4
    const udp = ip.subarray(header)
    const end = udp.readUInt16BE(4)
    if (udp.byteLength >= end) payloads.push(new Uint8Array(udp.subarray(8, end)))
    at += 16 + length
  }
  return payloads
}

for (const file of readdirSync(folder).filter(name => name.endsWith('.pcap'))) {
  it(`packets of ${file} are read and written again byte for byte`, () => {
    const payloads = payloadsOf(file)
    expect(payloads.length).toBeGreaterThan(4)
    for (const payload of payloads) {
      const packet = decodePacket(payload)
      // One capture probes a listener with a SYN of version 2 and one that is cut.
      expect(packet === undefined).toBe(payload.byteLength < 20 || (payload[0]! & 15) !== 1)
      if (packet === undefined) continue
      const isOurs = payload[1] === 0 || (payload[1] === 1 && payload[20] === 0)
      // Other extensions are skipped, and not written.
      if (isOurs) expect(encodePacket(packet)).toEqual(payload)
    }
  })
}
