/** What this node keeps for others: records of kad-dht with the time at which they came. */
import { type DatastoreRecordStore, datastoreRecordStore } from '@weft/datastore-record-store'
import { InvalidRecordError, type Validator, type Validators, validatorFor } from '@weft/interface-record-store'
import { decodeRecord, encodeRecord, type KadRecord, maxRecordLength } from '@weft/record'
import type { Datastore } from 'interface-datastore'

/** How records are kept. */
export interface KeptRecordsInit {
  readonly datastore: Datastore
  readonly validators: Validators
  readonly prefix: string
  readonly persistent: boolean
  /** Milliseconds for which one is kept after it came. */
  readonly validity: number
  readonly maxBytes: number
  readonly now: () => number
}

/** A store of whole records: the rules are those of their values, and their time of coming is one more. */
export function keptRecords(init: KeptRecordsInit): DatastoreRecordStore {
  const { datastore, prefix, persistent, maxBytes } = init
  const validators = Object.fromEntries(
    Object.entries(init.validators).map(([namespace, validator]) => [namespace, ofRecords(validator, init)])
  )
  return datastoreRecordStore({
    datastore,
    validators,
    prefix,
    persistent,
    maxBytes,
    name: 'kad',
    maxValue: maxRecordLength
  })
}

/** The bytes of a record that came now. What the sender wrote of time is not kept, but a shorter term is. */
export function received({ key, value, ttl }: KadRecord, now: number): Uint8Array {
  return encodeRecord({ key, value, timeReceived: now, ttl })
}

function ofRecords(validator: Validator, { validity, now }: KeptRecordsInit): Validator {
  return {
    async validate(key, record, options) {
      const { value, timeReceived = 0, ttl } = decodeRecord(record)
      const term = ttl === undefined || ttl === 0 ? validity : Math.min(validity, ttl * 1000)
      if (timeReceived + term <= now()) throw new InvalidRecordError('ERR_RECORD_EXPIRED', 'it was kept long enough')
      await validator.validate(key, value, options)
    },
    select: (key, records) =>
      validator.select(
        key,
        records.map(record => decodeRecord(record).value)
      )
  }
}

/** The value of a record that a peer sent under a key. Rejects with `InvalidRecordError` where it may not stand there. */
export async function checkedRecord(validators: Validators, key: Uint8Array, bytes: Uint8Array): Promise<KadRecord> {
  const validator = validatorFor(validators, key)
  const record = decodeRecord(bytes)
  await validator.validate(key, record.value)
  return record
}
