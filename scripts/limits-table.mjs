// Writes the tables of the node's limits in LIMITS.md from the rules in the code, each between two comments; `--check` only
// compares. Reads what is compiled.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { defaultRules } from '../packages/generic/resources/dist/core/defaults.js'
import * as browsers from '../packages/generic/resources/dist/connections.browser.js'
import * as node from '../packages/generic/resources/dist/connections.node.js'
import { units } from '../packages/generic/resources/dist/core/resources.js'
import { admissionRules } from '../packages/swarm/swarm/dist/admission/limit-rules.js'
import { admissionLimits } from '../packages/swarm/swarm/dist/admission/options.js'
import { root } from './manifests.mjs'

const file = path.join(root, 'LIMITS.md')
const maxParallelDials = 100

const rulesOf = ({ defaultConnections, defaultInboundConnections }) =>
  defaultRules({
    connections: defaultConnections,
    connectionsInbound: defaultInboundConnections,
    availableDescriptors: Number.POSITIVE_INFINITY,
    maxParallelDials
  })
const inBrowsers = rulesOf(browsers)
const rows = rulesOf(node).map((rule, i) => {
  const { scope, resource, name, reason, atLimit, note } = rule
  const value = amount(rule.default, units[resource])
  const there = amount(inBrowsers[i].default, units[resource])
  const option = `\`${scope}.${resource}\`${note === undefined ? '' : `; ${note}`}`
  return [name, there === value ? value : `${value}, in browsers ${there}`, option, reason, atLimit]
})
rows.push(['anything else of a service, protocol or peer', 'none', '`service`, `protocol`, `peer`', '', 'as above'])

const limits = admissionLimits({})
const ofAddresses = admissionRules.map(({ name, limit, unit, option, note, reason, atLimit }) => [
  name,
  unit === 'bytes' ? `${limits[limit]} bytes` : limits[limit].toLocaleString('en'),
  `\`${option}\`${note === undefined ? '' : `; ${note}`}`,
  reason,
  atLimit
])

const text = readFileSync(file, 'utf8')
const written = put(put(text, 'limits of a node', rows), 'limits of addresses', ofAddresses)
if (written !== text) {
  if (process.argv.includes('--check')) {
    console.error('out of date, run `node scripts/limits-table.mjs` after a build: LIMITS.md')
    process.exit(1)
  }
  writeFileSync(file, written)
}

/** The text with a table of these rows between the two comments of that name. */
function put(text, name, rows) {
  const [begin, end] = [`<!-- ${name}: written by scripts/limits-table.mjs -->`, `<!-- end of ${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`LIMITS.md lacks ${begin} or ${end}`)
  return `${text.slice(0, from + begin.length)}\n\n${table(rows)}\n\n${text.slice(to)}`
}

function table(rows) {
  const all = [['limit', 'default', 'option', 'why', 'what happens at it'], ...rows]
  const widths = all[0].map((_, i) => Math.max(...all.map(row => row[i].length)))
  const line = row => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`
  return [line(all[0]), `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...all.slice(1).map(line)].join(
    '\n'
  )
}

function amount(value, unit) {
  if (unit === 'bytes') return `${value / 2 ** 20} MiB`
  return value.toLocaleString('en')
}
