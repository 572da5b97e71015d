import { rm } from 'node:fs/promises'
import path from 'node:path'
import { blockstoreSuite, datastoreSuite, keyStoreSuite } from '@weft/interface-storage/compliance'
import { generateKeyPair } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { createRepo, type Repo } from '../src/index.ts'
import { temporaryFolder } from './temporary.ts'

const options = { passphrase: 'correct horse', keyCost: { logN: 10, r: 8, p: 1 } }

/** A repository for each test; a restart opens the same folder again. */
function repository<Store>(storeOf: (repo: Repo) => Store) {
  let folder = ''
  let repo: Repo
  const open = async (): Promise<Store> => {
    repo = await createRepo(folder, options)
    return storeOf(repo)
  }
  return {
    setup: async () => {
      folder = path.join(await temporaryFolder(), 'repo')
      const restart = async (): Promise<Store> => {
        await repo.close()
        return open()
      }
      return { store: await open(), restart }
    },
    teardown: async () => {
      await repo.close()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

describe('a repository', () => {
  datastoreSuite(
    { describe, it, expect },
    repository(repo => repo.datastore)
  )
  blockstoreSuite(
    { describe, it, expect },
    repository(repo => repo.blocks)
  )
  keyStoreSuite(
    { describe, it, expect },
    {
      ...repository(repo => repo.keys),
      keys: async () => [await generateKeyPair('Ed25519'), await generateKeyPair('secp256k1')]
    }
  )
})
