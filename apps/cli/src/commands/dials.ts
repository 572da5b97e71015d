import { Command } from 'commander'
import { askAll, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import type { DialView } from '../control/views.ts'
import type { Io } from '../io.ts'
import { printTable } from '../output.ts'
import type { Column } from '../terminal/table.ts'

const columns: ReadonlyArray<Column<DialView>> = [
  { title: 'dial', value: ({ id }) => id },
  { title: 'status', value: ({ status }) => status },
  { title: 'peer', value: ({ peer }) => peer ?? 'unknown', least: 12 },
  { title: 'addresses', value: ({ addresses }) => addresses.join(' '), least: 20 }
]

/** Shows the dials of a running node. */
export function dialsCommand(io: Io): Command {
  return onRunningNode(new Command('dials'))
    .description('show the dials of a running node that wait or are under way')
    .action(async (choice: NodeChoice & { json?: boolean }) => {
      const dials = await askAll<DialView>(io, choice, { command: 'dials' })
      printTable(io, choice.json, columns, dials, 'no dials')
    })
}
