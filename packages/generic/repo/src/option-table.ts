import { checkOptions, flag, group, having, listOf, type OptionTable, text, whole } from '@weft/errors'
import type { RepoOptions } from './repo.ts'

const table: OptionTable<RepoOptions> = {
  sync: flag,
  maxBlockBytes: whole(1),
  hashers: listOf(having('a hash function of multiformats', 'digest')),
  passphrase: text,
  keyCost: group({ logN: whole(10, 18), r: whole(1, 8), p: whole(1, 4) }),
  acceptDataLoss: flag
}

/** Throws `InvalidParametersError` that names the option. */
export function checkRepoOptions(options: RepoOptions): void {
  checkOptions('createRepo', table, options)()
}
