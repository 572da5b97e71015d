/** Records that peers share, and the validators of those that libp2p itself defines. */
export { maxKeyLength, maxValueLength } from './core/record-message.ts'
export { maxIpnsLength } from './core/ipns-message.ts'
export {
  createIpnsRecord,
  type CreateIpnsOptions,
  decodeIpnsRecord,
  type IpnsRecord,
  ipnsRecordKey
} from './ipns/ipns-record.ts'
export { createIpnsValidator, ipnsValidator, type IpnsValidatorOptions } from './ipns/ipns-validator.ts'
export { publicKeyRecordKey, publicKeyValidator } from './public-key.ts'
export { decodeRecord, encodeRecord, type KadRecord, maxRecordLength } from './record.ts'
