/** Full records of IPRS: what is read has one form, and one place in the order; all else is refused by its type of error. */
import { encodeBundle } from '../../packages/records/record/src/iprs/iprs-bundle.ts'
import { blockOf } from '../../packages/records/record/src/iprs/iprs-block.ts'
import {
  ancestryScheme,
  createIprsOrder,
  dateRangeScheme,
  decodeIprsRecord,
  freshnessScheme,
  type IprsRecord,
  iprsReceipts,
  maxIprsObjects,
  readIprsValue,
  ttlScheme
} from '../../packages/records/record/src/iprs/index.ts'
import { encodeSignatureObject } from '../../packages/records/record/src/core/iprs-objects.ts'
import { equals } from '../../packages/generic/bytes/src/index.ts'

export const name = 'iprs-record'

// Each object is hashed, decoded and encoded again.
export const cost = { base: 400_000, perByte: 4000 }

const order = createIprsOrder([
  dateRangeScheme({ now: () => 0 }),
  ttlScheme({ now: () => 0, receipts: iprsReceipts() }),
  ancestryScheme(),
  freshnessScheme({ now: () => 0, beacon: { timeOf: () => 0 } })
])

export function fuzz(input: Uint8Array): void {
  let record: IprsRecord
  try {
    record = decodeIprsRecord(input)
    readIprsValue(record)
  } catch (error) {
    if ((error as Error).name === 'InvalidRecordError') return
    throw error
  }
  if (record.objects.length >= maxIprsObjects) throw new Error('more objects than the limit')
  const signature = blockOf(encodeSignatureObject(record.signature))
  if (!signature.cid.equals(record.signature.cid)) throw new Error('the signature is not written as it was read')
  if (!equals(encodeBundle(signature, record.objects), input))
    throw new Error('the record is not written as it was read')
  try {
    if (order(input, input) !== 0) throw new Error('a record is not equal to itself')
  } catch (error) {
    if ((error as Error).name !== 'InvalidRecordError') throw error
  }
}
