import { Command } from 'commander'
import { type NodeChoice, askEnd, onRunningNode } from '../control/running-node.ts'
import type { Io } from '../io.ts'
import { print } from '../output.ts'

type Choice = NodeChoice & { json?: boolean }
type Named = { name: string; value: string; sequence: string }

/** IPNS: names that are the ids of keys, published and found through a running node. */
export function nameCommand(io: Io): Command {
  const publish = onRunningNode(new Command('publish'))
    .description('let the name of the running node, its peer id, stand for a path')
    .argument('<path>', 'such as /ipfs/<cid>')
    .action(async (text: string, choice: Choice) =>
      print(io, choice.json, await askEnd<Named>(io, choice, { command: 'name', operation: 'publish', text }))
    )
  const resolve = onRunningNode(new Command('resolve'))
    .description('what a name stands for')
    .argument('<name>', 'peer id, with or without /ipns/ before it')
    .action(async (text: string, choice: Choice) =>
      print(io, choice.json, await askEnd<Named>(io, choice, { command: 'name', operation: 'resolve', text }))
    )
  return new Command('name').description('publish and resolve IPNS names').addCommand(publish).addCommand(resolve)
}
