import type { LimitRow } from '@weft/interface-inspection'
import { ResourceManager } from '@weft/resources'
import { limitRows } from '@weft/swarm'
import { Command } from 'commander'
import { askAll, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import type { Io } from '../io.ts'
import { byteText, printTable } from '../output.ts'
import type { Column } from '../terminal/table.ts'

interface Options extends NodeChoice {
  node?: boolean
  json?: boolean
}

const what: ReadonlyArray<Column<LimitRow>> = [
  { title: 'scope', value: ({ scope, name }) => (name === undefined ? scope : `${scope} ${name}`), least: 12 },
  { title: 'limit', value: ({ resource }) => resource },
  { title: 'value', value: ({ value, unit }) => (value === null ? 'none' : amount(value, unit)), right: true }
]
const usage: ReadonlyArray<Column<LimitRow>> = [
  { title: 'used', value: ({ used, unit }) => (used === undefined ? '' : amount(used, unit)), right: true },
  { title: 'refused', value: ({ refused }) => String(refused), right: true }
]
const why: ReadonlyArray<Column<LimitRow>> = [
  { title: 'option', value: ({ option }) => option, least: 24 },
  { title: 'reason', value: ({ reason }) => reason, least: 24, prose: true, rank: 1 }
]

/** Shows the limits on connections, streams, memory and descriptors. */
export function limitsCommand(io: Io): Command {
  return onRunningNode(new Command('limits'))
    .description('show limits, their options and reasons; with --node those of a running node, and what it holds')
    .option('--node', 'of a running node')
    .action(async (options: Options) => {
      const running = options.node === true
      const rows = running
        ? await askAll<LimitRow>(io, options, { command: 'limits' })
        : limitRows(new ResourceManager(), false)
      printTable(io, options.json, [...what, ...(running ? usage : []), ...why], rows, 'no limits')
    })
}

function amount(value: number, unit: LimitRow['unit']): string {
  if (unit !== 'bytes') return String(value)
  const mebibytes = value / 2 ** 20
  return Number.isInteger(mebibytes) && value > 0 ? `${mebibytes} MiB` : byteText(value)
}
