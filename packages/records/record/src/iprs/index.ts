/** IPRS: records as objects of the merkle DAG, with the rules of their validity in them (`_archive/IPRS.md`). */
export { ancestryScheme, type AncestrySchemeOptions, succeeding } from './ancestry.ts'
export { dateRangeScheme, type IprsClock, validWithin } from './date-range.ts'
export {
  freshBy,
  freshnessScheme,
  type FreshnessSchemeOptions,
  type IprsBeacon,
  type IprsNonces,
  iprsNonces,
  type IprsNoncesOptions,
  maxBeaconLength
} from './freshness.ts'
export { type IprsBlock, iprsValue } from './iprs-block.ts'
export { decodeIprsRecord, type IprsRecord, maxIprsLength, maxIprsObjects } from './iprs-bundle.ts'
export { decryptIprsValue, encryptIprsValue } from './iprs-encryption.ts'
export {
  createIprsRecord,
  type CreateIprsOptions,
  iprsRecordKey,
  maxTopicLength,
  readIprsValue
} from './iprs-record.ts'
export { type IprsScheme, iprsSchemeCid, type IprsTerms } from './iprs-scheme.ts'
export { createIprsOrder, createIprsValidator, type IprsValidatorOptions } from './iprs-validator.ts'
export { type IprsReceipts, iprsReceipts, type IprsReceiptsOptions } from './receipts.ts'
export { ttlScheme, type TtlSchemeOptions, validFor } from './ttl.ts'
export type { RecordObject, SignatureObject } from '../core/iprs-objects.ts'
