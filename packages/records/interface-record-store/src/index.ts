/** The contract of record stores: where records are put and found by key, and who says which of them are valid. */
export {
  InvalidRecordError,
  type InvalidRecordErrorCode,
  isInvalidRecordError,
  isQuorumError,
  QuorumError
} from './errors.ts'
export {
  type FoundRecord,
  type GetRecordOptions,
  type PutOutcome,
  type PutRecordOptions,
  type RecordSource,
  type RecordStore,
  type RecordStoreCapabilities,
  recordStoreSymbol
} from './record-store.ts'
export {
  isPreferred,
  isValidRecord,
  maxNamespaceLength,
  namespaceOf,
  type Validator,
  validatorFor,
  type Validators
} from './validator.ts'
