/** "Signed, valid within a datetime range": from a time to a time, both included. */
import { InvalidRecordError } from '@weft/interface-record-store'
import type { CID } from 'multiformats/cid'
import type { IprsRecord } from './iprs-bundle.ts'
import {
  type IprsScheme,
  type IprsTerms,
  invalidValidity,
  iprsSchemeCid,
  readAmount,
  readValidityMap,
  writeAmount
} from './iprs-scheme.ts'

/** Options of schemes that ask for the time. */
export interface IprsClock {
  /** The clock, milliseconds since 1970. @default Date.now */
  now?: () => number
}

const cid: CID = iprsSchemeCid('date-range')

/**
 * Valid from the first time to the last, milliseconds since 1970: 0 is the beginning of time, `Infinity` its end. Throws
 * `InvalidRecordError` for other numbers than integers.
 */
export function validWithin(from: number = 0, until: number = Number.POSITIVE_INFINITY): IprsTerms {
  if (!Number.isSafeInteger(from) || from > until) throw invalidValidity('it begins with a number, before its end')
  return { scheme: cid, validity: { from: writeAmount('from', from), until: writeAmount('until', until) } }
}

/** The scheme. Of two records the one that ends later is better, then the one that begins later. */
export function dateRangeScheme({ now = Date.now }: IprsClock = {}): IprsScheme {
  return {
    name: 'date-range',
    cid,
    validate(record) {
      const { from, until } = read(record)
      const time = now()
      if (time < from) throw new InvalidRecordError('ERR_INVALID_RECORD', 'the time of the record has not come yet')
      if (time > until) throw new InvalidRecordError('ERR_RECORD_EXPIRED', 'the record is past its last time')
    },
    compare(a, b) {
      const [one, other] = [read(a), read(b)]
      return one.until === other.until ? one.from - other.from : one.until - other.until
    }
  }
}

function read(record: IprsRecord): { from: number; until: number } {
  const validity = readValidityMap(record, ['from', 'until'])
  const from = readAmount('from', validity['from'])
  const until = readAmount('until', validity['until'])
  if (from === Number.POSITIVE_INFINITY || from > until) throw invalidValidity('it begins after its end')
  return { from, until }
}
