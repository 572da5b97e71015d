/** What kind of repository a folder holds. */
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { UnsupportedRepoError } from '../errors.ts'
import { ifThere } from '../files.ts'

/** Repositories that are read. js-ipfs and kubo number theirs in one row. */
export interface ForeignKind {
  /** The program that made it. */
  readonly kind: 'kubo' | 'js-ipfs' | 'helia'
  /** The number in its file `version`; 0 for Helia, which has none. */
  readonly version: number
}

// js-ipfs ended at 12. kubo counted on, and 18 is today's.
const lastOfJs = 12
const oldest = 7
const newest = 18

/** Rejects with `UnsupportedRepoError`, which says what to do, where the folder holds nothing that is read. */
export async function foreignKind(folder: string): Promise<ForeignKind> {
  const text = (await ifThere(readFile(path.join(folder, 'version'), 'utf8')))?.trim()
  const names = (await ifThere(readdir(folder))) ?? []
  if (text === undefined) {
    if (names.includes('blocks') && names.includes('datastore')) return { kind: 'helia', version: 0 }
    throw new UnsupportedRepoError(
      folder,
      'it holds no repository',
      'name the folder that has blocks and datastore in it'
    )
  }
  if (text.startsWith('weft ')) throw new UnsupportedRepoError(folder, 'it is a repository of weft', 'use createRepo')
  const version = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (version < oldest || version > newest) {
    throw new UnsupportedRepoError(
      folder,
      `its version is ${JSON.stringify(text.slice(0, 20))}, and ${oldest} to ${newest} are read`,
      'migrate it with the program that made it'
    )
  }
  const spec = (await ifThere(readFile(path.join(folder, 'datastore_spec'), 'utf8'))) ?? ''
  if (spec.includes('pebbleds') || spec.includes('badgerds')) {
    throw new UnsupportedRepoError(
      folder,
      'its datastore is Pebble or Badger, which only kubo reads',
      'convert it to flatfs and leveldb with kubo, or export what you need: ipfs dag export CID'
    )
  }
  // js-ipfs names its keys' folder `keys`, kubo `keystore`; a repository without either is told by its number.
  const isJs = version <= lastOfJs && !names.includes('keystore')
  return { kind: isJs ? 'js-ipfs' : 'kubo', version }
}
