import { Command } from 'commander'
import { askAll, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import type { ConnectionView, Tags } from '@weft/interface-inspection'
import type { Io } from '../io.ts'
import { printTable } from '../output.ts'
import type { Column } from '../terminal/table.ts'
import { duration } from '../terminal/text.ts'
import { withoutPeer } from '../targets.ts'

const columns: ReadonlyArray<Column<ConnectionView>> = [
  { title: 'peer', value: ({ peer }) => peer, least: 12 },
  { title: 'address', value: ({ address, peer }) => withoutPeer(address, peer), least: 20 },
  { title: 'dir', value: ({ direction }) => (direction === 'inbound' ? 'in' : 'out') },
  { title: 'transport', value: ({ transport }) => transport, rank: 3 },
  { title: 'channel', value: ({ channel }) => protocolName(channel), rank: 4 },
  { title: 'muxer', value: ({ muxer }) => protocolName(muxer), rank: 5 },
  { title: 'streams', value: ({ streams }) => String(streams), right: true },
  { title: 'age', value: ({ age }) => duration(age), right: true },
  { title: 'rtt', value: ({ rtt }) => (rtt === undefined ? '' : duration(rtt)), right: true, rank: 2 },
  { title: 'tags', value: ({ tags }) => tagText(tags), least: 12, rank: 1 }
]

/** Shows the connections of a running node. */
export function connectionsCommand(io: Io): Command {
  return onRunningNode(new Command('connections'))
    .description('show the connections of a running node')
    .action(async (choice: NodeChoice & { json?: boolean }) => {
      const connections = await askAll<ConnectionView>(io, choice, { command: 'connections' })
      printTable(io, choice.json, columns, connections, 'no connections')
    })
}

/** The tags of a peer, `keep-alive=50 bootstrap=20`. */
export function tagText(tags: Tags): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

/** `/yamux/1.0.0` as `yamux`. */
function protocolName(protocol: string | undefined): string {
  return protocol?.split('/')[1] ?? ''
}
