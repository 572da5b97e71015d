export { exportCar, type Imported, type ImportOptions, importCar } from './car.ts'
export type { AnyCodec, RegistryOptions } from './codecs.ts'
export {
  InvalidBlockError,
  InvalidCarError,
  isInvalidBlockError,
  isInvalidCarError,
  isLimitExceededError,
  isPathNotFoundError,
  LimitExceededError,
  PathNotFoundError
} from './errors.ts'
export type { BlockSource, ReadLimits } from './load.ts'
export { type Resolved, type ResolveOptions, resolve } from './resolve.ts'
export { type TraversedBlock, type TraverseOptions, traverse } from './traverse.ts'
