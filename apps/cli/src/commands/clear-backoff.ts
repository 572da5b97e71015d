import { Command } from 'commander'
import { parseTargets } from '../arguments.ts'
import { askEnd, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import type { Io } from '../io.ts'
import { print } from '../output.ts'

/** Lets a running node dial at once what failed lately. */
export function clearBackoffCommand(io: Io): Command {
  return onRunningNode(new Command('clear-backoff'))
    .description(
      'let a running node dial again at once what failed lately: a peer, some addresses of it, or everything'
    )
    .argument('[target...]', 'peer id, or addresses of one peer')
    .action(async (texts: string[], choice: NodeChoice & { json?: boolean }) => {
      const targets = parseTargets(texts)
      print(io, choice.json, await askEnd<{ cleared: number }>(io, choice, { command: 'clear-backoff', targets }))
    })
}
