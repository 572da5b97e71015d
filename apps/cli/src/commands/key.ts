import type { KeyType, PrivateKey } from '@libp2p/interface'
import { toUtf8 } from '@weft/bytes'
import { generateKeyPair, peerIdFromPrivateKey, privateKeyToProtobuf } from '@weft/peer-id'
import { generateKey } from '@weft/pnet'
import { Command, Option } from 'commander'
import { CommandError } from '../errors.ts'
import type { Io } from '../io.ts'
import { keyFile, readKey, writeKey } from '../key-file.ts'
import { print } from '../output.ts'

interface Options {
  dir: string
  type: KeyType
  export?: boolean
  json?: boolean
}

/** Makes and shows the key of a node. The private part is printed only where that is asked for. */
export function keyCommand(io: Io): Command {
  const generate = new Command('generate')
    .description('make a key, and keep it in the folder')
    .addOption(new Option('-t, --type <type>').choices(['Ed25519', 'secp256k1', 'ECDSA', 'RSA']).default('Ed25519'))
    .action(async (options: Options) => {
      // Before the work, and so that a file that others may touch is told of.
      if ((await readKey(options.dir)) !== undefined) throw taken(options.dir)
      const key = await generateKeyPair(options.type)
      if (!(await writeKey(options.dir, key))) throw taken(options.dir)
      show(io, options, key)
    })
  const showKey = new Command('show').description('show the key in the folder').action(async (options: Options) => {
    const key = await readKey(options.dir)
    if (key === undefined) {
      throw new CommandError(`${keyFile(options.dir)} does not exist: make one with \`weft key generate\``)
    }
    show(io, options, key)
  })
  const command = new Command('key').description('make and show the key of a node')
  for (const child of [generate, showKey]) {
    child
      .option('-d, --dir <folder>', 'where the identity of the node is kept', '.weft')
      .option('--export', 'print the private key too: whoever has it is the node')
      .option('--json', 'print one line of JSON')
    command.addCommand(child)
  }
  return command.addCommand(pskCommand(io))
}

/** Prints a new key, as the file that all nodes of a private network have. It is kept nowhere. */
function pskCommand(io: Io): Command {
  return new Command('psk')
    .description('make a key for a private network, and print the file that each of its nodes needs')
    .option('--json', 'print one line of JSON')
    .action(({ json }: { json?: boolean }) => {
      generateKey({
        write(file) {
          const text = toUtf8(file)
          io.out(json === true ? JSON.stringify({ psk: text }) : text)
        }
      })
    })
}

function taken(dir: string): CommandError {
  return new CommandError(`${keyFile(dir)} is there already: choose another folder with --dir`)
}

function show(io: Io, { dir, json, export: exported }: Options, key: PrivateKey): void {
  print(io, json, {
    peerId: peerIdFromPrivateKey(key).toString(),
    type: key.type,
    file: keyFile(dir),
    privateKey: exported === true ? Buffer.from(privateKeyToProtobuf(key)).toString('base64') : undefined
  })
}
