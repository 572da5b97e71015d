export { defaultMaxBlockBytes, FileBlockstore, type FileBlockstoreOptions } from './blocks/file-blockstore.ts'
export { type ConfigObject, RepoConfig } from './config.ts'
export { defaultCost, type ScryptCost } from './core/key-file.ts'
export { createRepo } from './create-repo.ts'
export { LevelDatastore, type LevelDatastoreOptions } from './datastore/level-datastore.ts'
export {
  DataLossError,
  isDataLossError,
  isLockedError,
  isUnsupportedRepoError,
  isWrongPassphraseError,
  LockedError,
  UnsupportedRepoError,
  WrongPassphraseError
} from './errors.ts'
export type { ForeignKind } from './foreign/foreign-kind.ts'
export {
  type ForeignBlocks,
  type ForeignDatastore,
  type ForeignRepo,
  openForeignRepo
} from './foreign/open-foreign-repo.ts'
export { FileKeyStore } from './keys/file-key-store.ts'
export type { Repo, RepoOptions, RepoStat } from './repo.ts'
