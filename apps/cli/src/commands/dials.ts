import { Command } from 'commander'
import { askAll, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import type { AddressView, DialView } from '../control/views.ts'
import type { Io } from '../io.ts'
import { printTable } from '../output.ts'
import { withoutPeer } from '../targets.ts'
import type { Column } from '../terminal/table.ts'
import { duration, jsonText } from '../terminal/text.ts'

/** A dial with one of its addresses. */
interface Row {
  dial: DialView
  address: AddressView | undefined
}

const columns: ReadonlyArray<Column<Row>> = [
  { title: 'dial', value: ({ dial }) => dial.id },
  { title: 'status', value: ({ dial }) => dial.status },
  { title: 'peer', value: ({ dial }) => dial.peer ?? 'unknown', least: 12 },
  { title: 'for', value: ({ dial }) => duration(dial.elapsed), right: true },
  { title: 'source', value: ({ address }) => address?.source ?? '', least: 8, rank: 2 },
  { title: 'address', value: ({ dial, address }) => withoutPeer(address?.address ?? '', dial.peer ?? ''), least: 20 },
  { title: 'state', value: ({ address }) => address?.state ?? '' },
  { title: 'reason', value: ({ address }) => address?.reason ?? '', least: 16, rank: 1 }
]

/** Shows the dials of a running node. */
export function dialsCommand(io: Io): Command {
  return onRunningNode(new Command('dials'))
    .description('show the dials of a running node that wait or are under way, and each of their addresses')
    .action(async (choice: NodeChoice & { json?: boolean }) => {
      const dials = await askAll<DialView>(io, choice, { command: 'dials' })
      const rows = dials.flatMap(dial =>
        (dial.addresses.length === 0 ? [undefined] : dial.addresses).map(address => ({ dial, address }))
      )
      if (choice.json === true) io.out(jsonText(dials))
      else printTable(io, false, columns, rows, 'no dials')
    })
}
