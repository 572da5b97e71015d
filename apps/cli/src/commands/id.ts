import { peerIdFromPrivateKey } from '@weft/peer-id'
import { Command } from 'commander'
import { CommandError } from '../errors.ts'
import type { Io } from '../io.ts'
import { keyFile, readKey } from '../key-file.ts'

interface Options {
  dir: string
  json?: boolean
}

/** Prints the peer id of the node in a folder. */
export function idCommand(io: Io): Command {
  return new Command('id')
    .description('print the peer id of the node in a folder')
    .option('-d, --dir <folder>', 'where the identity of the node is kept', '.weft')
    .option('--json', 'print one line of JSON')
    .action(async ({ dir, json }: Options) => {
      const key = await readKey(dir)
      if (key === undefined) {
        throw new CommandError(`${keyFile(dir)} does not exist: run \`weft key generate\` or \`weft node\` first`)
      }
      const peerId = peerIdFromPrivateKey(key).toString()
      io.out(json === true ? JSON.stringify({ peerId }) : peerId)
    })
}
