import { DnsMessageError } from '../errors.ts'
import {
  type DnsMessage,
  type DnsRecord,
  internetClass,
  maxPacketLength,
  maxTextLength,
  recordTypes,
  topBit
} from './dns-message.ts'
import { labelsOf } from './dns-name.ts'

// Farther back no pointer reaches.
const maxPointerTarget = 0x3fff

/**
 * The bytes of a message. Names are compressed, but not the target of an SRV record, which go-libp2p's writes whole as RFC
 * 2782 asks. Throws `DnsMessageError` where a name, a text or the packet is too long.
 */
export function encodeDns(message: DnsMessage): Uint8Array {
  const writer = new Writer()
  const { id, flags, questions, answers, authorities, additionals } = message
  for (const value of [id, flags]) writer.uint16(value)
  for (const { length } of [questions, answers, authorities, additionals]) writer.uint16(length)
  for (const question of questions) {
    writer.name(question.name)
    writer.uint16(question.type)
    writer.uint16(question.class)
  }
  for (const record of [...answers, ...authorities, ...additionals]) writer.record(record)
  return writer.finish()
}

class Writer {
  private readonly _bytes: number[] = []
  private readonly _names = new Map<string, number>()

  uint16(value: number): void {
    this._bytes.push((value >> 8) & 0xff, value & 0xff)
  }

  name(name: string, compress: boolean = true): void {
    const labels = labelsOf(name)
    const texts = name === '' ? [] : name.split('.')
    for (const [i, label] of labels.entries()) {
      // In the case in which it stands there: it is read back as it was written.
      const suffix = texts.slice(i).join('.')
      const known = compress ? this._names.get(suffix) : undefined
      if (known !== undefined) {
        this.uint16(0xc000 | known)
        return
      }
      if (this._bytes.length <= maxPointerTarget && !this._names.has(suffix)) {
        this._names.set(suffix, this._bytes.length)
      }
      this._bytes.push(label.byteLength, ...label)
    }
    this._bytes.push(0)
  }

  record(record: DnsRecord): void {
    this.name(record.name)
    this.uint16(recordTypes[record.type])
    this.uint16(internetClass | (record.flush ? topBit : 0))
    this.uint16(Math.floor(record.ttl / 0x10000) & 0x7fff)
    this.uint16(record.ttl & 0xffff)
    const lengthAt = this._bytes.length
    this.uint16(0)
    this._data(record)
    const length = this._bytes.length - lengthAt - 2
    this._bytes[lengthAt] = length >> 8
    this._bytes[lengthAt + 1] = length & 0xff
  }

  finish(): Uint8Array {
    if (this._bytes.length > maxPacketLength) {
      throw new DnsMessageError('ERR_DNS_TOO_LONG', `a packet of ${this._bytes.length} bytes`)
    }
    return Uint8Array.from(this._bytes)
  }

  private _data(record: DnsRecord): void {
    switch (record.type) {
      case 'PTR':
        this.name(record.target)
        break
      case 'SRV':
        // Priority and weight: there is one host.
        this.uint16(0)
        this.uint16(0)
        this.uint16(record.port)
        this.name(record.target, false)
        break
      case 'TXT':
        if (record.texts.length === 0) this._bytes.push(0)
        for (const text of record.texts) this._text(text)
        break
      default:
        this._bytes.push(...record.address)
    }
  }

  private _text(text: Uint8Array): void {
    if (text.byteLength > maxTextLength) {
      throw new DnsMessageError('ERR_DNS_TOO_LONG', `a text of ${text.byteLength} bytes`)
    }
    this._bytes.push(text.byteLength, ...text)
  }
}
