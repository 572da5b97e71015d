export { MulticodecError, type MulticodecErrorCode } from './errors.ts'
export { addPrefix, type Prefixed, readPrefix, removePrefix } from './prefix.ts'
export { codeOf, entries, entryOf, type MulticodecEntry, type MulticodecStatus, nameOf } from './table.ts'
