/** The key of a private network on disk, as the option `--psk` names it. */
import type { Libp2pOptions } from '@weft/libp2p'
import { preSharedKey } from '@weft/pnet'
import type { Command } from 'commander'
import { CommandError } from './errors.ts'
import { readSecret } from './key-file.ts'

/** The option that says which private network a command works in. */
export interface PskChoice {
  psk?: string
}

/** Bytes; a key file has about a hundred. */
const maxLength = 256

/** Adds the option to a command. */
export function inPrivateNetwork(command: Command): Command {
  return command.option(
    '--psk <file>',
    'key file of a private network (see `weft key psk`): its nodes alone are reached'
  )
}

/** The protector for the key file that was named, if one was. What others may read is refused with `CommandError`. */
export async function protectorOf({ psk: file }: PskChoice): Promise<Libp2pOptions['connectionProtector']> {
  if (file === undefined) return undefined
  const psk = await readSecret(file, maxLength)
  if (psk === undefined) throw new CommandError(`${file} does not exist: make one with \`weft key psk\``)
  try {
    return preSharedKey({ psk })
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, error)
  }
}
