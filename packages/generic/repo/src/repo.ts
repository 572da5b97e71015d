import type { Blockstore } from 'interface-blockstore'
import type { Datastore } from 'interface-datastore'
import type { KeyStore } from '@weft/interface-storage'
import type { FileBlockstoreOptions } from './blocks/file-blockstore.ts'
import type { RepoConfig } from './config.ts'
import type { ScryptCost } from './core/key-file.ts'
import type { DataLossError } from './errors.ts'

/** What `createRepo` takes beside the folder. */
export interface RepoOptions extends FileBlockstoreOptions {
  /** Seals the keys of `repo.keys`. Without it keys are neither read nor stored. */
  readonly passphrase?: string
  /** Cost of scrypt for keys that are stored from now on. Default: N 2^16, r 8, p 1 (64 MiB). */
  readonly keyCost?: ScryptCost
  /**
   * Opens what is left of a damaged datastore instead of rejecting with `DataLossError`. Default: false. To be given
   * once, by somebody who decided so.
   */
  readonly acceptDataLoss?: boolean
}

/** A repository, open. */
export interface Repo {
  /** Its absolute path. */
  readonly folder: string
  /** For `createLibp2p({ datastore })`, record stores and others. */
  readonly datastore: Datastore
  /** Blocks, hashed when they are read. */
  readonly blocks: Blockstore
  /** Private keys, sealed with the passphrase. */
  readonly keys: KeyStore
  /** The file `config`. */
  readonly config: RepoConfig
  /** Counts what is stored. Reads every name, and no value. */
  stat(): Promise<RepoStat>
  /** Reads everything and yields an error for each thing that is damaged. */
  verify(): AsyncGenerator<DataLossError>
  /** Deletes what crashes left behind, and gives LevelDB's free space back to the system. */
  collectGarbage(): Promise<{ readonly filesRemoved: number }>
  /** Resolves when everything is on disk and the lock is free. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a repository holds. */
export interface RepoStat {
  /** Its absolute path. */
  readonly folder: string
  /** Of the layout. */
  readonly version: number
  /** Files of blocks. */
  readonly blocks: number
  /** Bytes of the blocks' files. */
  readonly blockBytes: number
  /** Keys of the datastore. */
  readonly records: number
  /** Bytes of the datastore's files. */
  readonly datastoreBytes: number
  /** Private keys. */
  readonly keys: number
}
