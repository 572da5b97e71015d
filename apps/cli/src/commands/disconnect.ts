import { Command } from 'commander'
import { parsePeerId } from '../arguments.ts'
import { askEnd, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import { CommandError } from '../errors.ts'
import type { Io } from '../io.ts'
import { print } from '../output.ts'

/** Has a running node close its connections to a peer. */
export function disconnectCommand(io: Io): Command {
  return onRunningNode(new Command('disconnect'))
    .description('have a running node close its connections to a peer')
    .argument('<peer>', 'peer id')
    .action(async (text: string, choice: NodeChoice & { json?: boolean }) => {
      const peer = parsePeerId(text).toString()
      const { closed } = await askEnd<{ closed: number }>(io, choice, { command: 'disconnect', peer })
      if (closed === 0) throw new CommandError(`the node has no connection to ${peer}`)
      print(io, choice.json, { peerId: peer, closed })
    })
}
