import { Command } from 'commander'
import { askAll, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import type { PeerView } from '@weft/interface-inspection'
import type { Io } from '../io.ts'
import { printTable } from '../output.ts'
import type { Column } from '../terminal/table.ts'
import { tagText } from './connections.ts'

const columns: ReadonlyArray<Column<PeerView>> = [
  { title: 'peer', value: ({ peer }) => peer, least: 12 },
  { title: 'connections', value: ({ connections }) => String(connections), right: true },
  { title: 'agent', value: ({ agent }) => agent ?? '', least: 10, rank: 3 },
  { title: 'protocols', value: ({ protocols }) => String(protocols.length), right: true, rank: 2 },
  { title: 'addresses', value: ({ addresses }) => addresses.join(' '), least: 20 },
  { title: 'tags', value: ({ tags }) => tagText(tags), least: 12, rank: 1 }
]

/** Shows what a running node knows of other peers. */
export function peersCommand(io: Io): Command {
  return onRunningNode(new Command('peers'))
    .description('show the peers that a running node knows')
    .action(async (choice: NodeChoice & { json?: boolean }) => {
      const peers = await askAll<PeerView>(io, choice, { command: 'peers' })
      printTable(io, choice.json, columns, peers, 'no peers')
    })
}
