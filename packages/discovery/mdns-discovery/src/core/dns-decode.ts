import { DnsMessageError } from '../errors.ts'
import {
  type DnsMessage,
  type DnsRecord,
  internetClass,
  maxEntries,
  maxPacketLength,
  maxTexts,
  type Question,
  recordTypes,
  topBit
} from './dns-message.ts'
import { readName } from './dns-name.ts'

const headerLength = 12

/**
 * Reads a packet. Texts and addresses are views of it. Records of other types and classes are passed over, and so is what
 * stands behind the last record. Throws `DnsMessageError`, and nothing else.
 */
export function decodeDns(packet: Uint8Array): DnsMessage {
  if (packet.byteLength > maxPacketLength) {
    throw new DnsMessageError('ERR_DNS_TOO_LONG', `a packet of ${packet.byteLength} bytes`)
  }
  const reader = new Reader(packet)
  const [id, flags] = [reader.uint16(), reader.uint16()]
  const counts = [reader.uint16(), reader.uint16(), reader.uint16(), reader.uint16()] as const
  const entries = counts.reduce((sum, count) => sum + count, 0)
  if (entries > maxEntries) throw new DnsMessageError('ERR_DNS_COUNT', `${entries} questions and records`)
  const questions = Array.from({ length: counts[0] }, () => reader.question())
  const records = (count: number): DnsRecord[] =>
    Array.from({ length: count }, () => reader.record()).filter(record => record !== undefined)
  return {
    id,
    flags,
    questions,
    answers: records(counts[1]),
    authorities: records(counts[2]),
    additionals: records(counts[3])
  }
}

class Reader {
  private readonly _packet: Uint8Array
  private _at = 0
  private _texts = 0

  constructor(packet: Uint8Array) {
    this._packet = packet
    if (packet.byteLength < headerLength) throw truncated()
  }

  uint16(): number {
    if (this._at + 2 > this._packet.byteLength) throw truncated()
    const value = (this._packet[this._at]! << 8) | this._packet[this._at + 1]!
    this._at += 2
    return value
  }

  question(): Question {
    const name = this._name()
    return { name, type: this.uint16(), class: this.uint16() }
  }

  record(): DnsRecord | undefined {
    const name = this._name()
    const [type, klass] = [this.uint16(), this.uint16()]
    // A TTL with the top bit set is 0 (RFC 2181, section 8).
    const [high, low] = [this.uint16(), this.uint16()]
    const ttl = high >= topBit ? 0 : high * 0x10000 + low
    const start = this._at + 2
    const end = start + this.uint16()
    if (end > this._packet.byteLength) throw truncated()
    const base = { name, ttl, flush: (klass & topBit) !== 0 }
    const record = (klass & ~topBit) === internetClass ? this._data(type, base, start, end) : undefined
    this._at = end
    return record
  }

  private _data(
    type: number,
    base: Pick<DnsRecord, 'name' | 'ttl' | 'flush'>,
    start: number,
    end: number
  ): DnsRecord | undefined {
    const length = end - start
    switch (type) {
      case recordTypes.PTR:
        return { ...base, type: 'PTR', target: this._nameIn(start, end) }
      case recordTypes.SRV: {
        if (length < 7) throw malformed('SRV')
        const port = (this._packet[start + 4]! << 8) | this._packet[start + 5]!
        return { ...base, type: 'SRV', port, target: this._nameIn(start + 6, end) }
      }
      case recordTypes.TXT:
        return { ...base, type: 'TXT', texts: this._textsIn(start, end) }
      case recordTypes.A:
      case recordTypes.AAAA: {
        const isV4 = type === recordTypes.A
        if (length !== (isV4 ? 4 : 16)) throw malformed(isV4 ? 'A' : 'AAAA')
        return { ...base, type: isV4 ? 'A' : 'AAAA', address: this._packet.subarray(start, end) }
      }
      default:
        return undefined
    }
  }

  private _name(): string {
    const { name, end } = readName(this._packet, this._at)
    this._at = end
    return name
  }

  private _nameIn(start: number, end: number): string {
    const read = readName(this._packet, start)
    if (read.end !== end) throw malformed('PTR or SRV')
    return read.name
  }

  private _textsIn(start: number, end: number): Uint8Array[] {
    const texts: Uint8Array[] = []
    for (let at = start; at < end; ) {
      const next = at + 1 + this._packet[at]!
      if (next > end) throw malformed('TXT')
      // A single empty text stands for none (RFC 6763, section 6.1).
      if (next > at + 1) texts.push(this._packet.subarray(at + 1, next))
      if (++this._texts > maxTexts) throw new DnsMessageError('ERR_DNS_COUNT', `more than ${maxTexts} texts`)
      at = next
    }
    return texts
  }
}

function truncated(): DnsMessageError {
  return new DnsMessageError('ERR_DNS_TRUNCATED', 'the packet ends within a field')
}

function malformed(type: string): DnsMessageError {
  return new DnsMessageError('ERR_DNS_RECORD', `a record ${type} has not its form`)
}
