/** "Signed, expiring after a Time-To-Live": counted from when it was first received here. */
import { InvalidRecordError } from '@weft/interface-record-store'
import type { CID } from 'multiformats/cid'
import type { IprsClock } from './date-range.ts'
import type { IprsRecord } from './iprs-bundle.ts'
import {
  type IprsScheme,
  type IprsTerms,
  iprsSchemeCid,
  readAmount,
  readValidityMap,
  writeAmount
} from './iprs-scheme.ts'
import type { IprsReceipts } from './receipts.ts'

/** Options of `ttlScheme`. */
export interface TtlSchemeOptions extends IprsClock {
  /** When records were received. Over a datastore, it survives the end of the process. */
  receipts: IprsReceipts
}

const cid: CID = iprsSchemeCid('ttl')

/** Valid for so many milliseconds after each verifier received it; `Infinity` for always. */
export function validFor(ttl: number): IprsTerms {
  return { scheme: cid, validity: { ttl: writeAmount('ttl', ttl) } }
}

/** The scheme. Of two records the one with the longer time is better. */
export function ttlScheme({ receipts, now = Date.now }: TtlSchemeOptions): IprsScheme {
  return {
    name: 'ttl',
    cid,
    async validate(record, options) {
      const ttl = read(record)
      const time = now()
      const age = time - (await receipts.firstReceived(record.cid, time, options))
      if (age > ttl) throw new InvalidRecordError('ERR_RECORD_EXPIRED', `the record was received ${age} ms ago`)
    },
    compare(a, b) {
      const [one, other] = [read(a), read(b)]
      return one === other ? 0 : one - other
    }
  }
}

function read(record: IprsRecord): number {
  return readAmount('ttl', readValidityMap(record, ['ttl'])['ttl'])
}
