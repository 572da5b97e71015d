/** A record as peers of kad-dht send it: a key, its value, and when the holder received it. */
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { InvalidRecordError } from '@weft/interface-record-store'
import { maxKeyLength, maxValueLength, recordMessage } from './core/record-message.ts'
import { formatTime, parseTime } from './rfc3339.ts'

/** A record of kad-dht. */
export interface KadRecord {
  /** The key under which it is stored: must be that of the message in which it comes. */
  key: Uint8Array
  /** What is stored. */
  value: Uint8Array
  /**
   * Milliseconds since 1970 at which its holder received it. A server sets its own time when it stores, whatever the
   * sender wrote; js-libp2p refuses an answer without one.
   */
  timeReceived?: number | undefined
  /** Seconds for which it is to be kept at most; can only shorten the holder's own term. rust-libp2p sends it. */
  ttl?: number | undefined
}

/** Bytes of an encoded record at most: key and value at their longest, and the small fields. */
export const maxRecordLength: number = maxKeyLength + maxValueLength + 128

/** The bytes for the wire and for stores. Throws `ProtobufError` where key or value is too long. */
export function encodeRecord({ key, value, timeReceived, ttl }: KadRecord): Uint8Array<ArrayBuffer> {
  const time = timeReceived === undefined ? undefined : fromUtf8(formatTime(timeReceived))
  return recordMessage.encode({ key, value, timeReceived: time, ttl })
}

/**
 * Reads a record; key and value are views of the input. A `timeReceived` that cannot be read is as none. Throws
 * `InvalidRecordError`.
 */
export function decodeRecord(record: Uint8Array): KadRecord {
  try {
    const { key, value, timeReceived, ttl } = recordMessage.decode(record, { maxSize: maxRecordLength })
    return { key, value, timeReceived: readTime(timeReceived), ttl }
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'bytes are no record', { cause })
  }
}

function readTime(text: Uint8Array | undefined): number | undefined {
  if (text === undefined) return undefined
  try {
    const nanoseconds = parseTime(toUtf8(text))
    return nanoseconds === undefined ? undefined : Number(nanoseconds / 1_000_000n)
  } catch {
    return undefined
  }
}
