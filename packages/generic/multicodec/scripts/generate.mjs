// Writes src/table.data.ts from scripts/table.csv, the table of github.com/multiformats/multicodec as it is published.
// To update: replace table.csv, run `node packages/generic/multicodec/scripts/generate.mjs`.
import { readFileSync, writeFileSync } from 'node:fs'

const statuses = { permanent: 'p', draft: 'd', deprecated: 'x' }

const [header, ...rows] = readFileSync(new URL('table.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map(split)
if (header.join() !== 'name,tag,code,status,description') throw new Error('table.csv has other columns')

const lines = rows.map(([name, tag, code, status, description]) => {
  if (!/^0x[0-9a-f]+$/.test(code) || !(status in statuses)) throw new Error(`table.csv: what is ${name}?`)
  return [name, tag, Number(code).toString(16), statuses[status], description].join().replace(/,$/, '')
})

writeFileSync(
  new URL('../src/table.data.ts', import.meta.url),
  `// Written by scripts/generate.mjs: name, tag, code in hex, first letter of the status (x: deprecated), description.
export const table: string = \`${lines.join('\n').replace(/[`\\$]/g, '\\$&')}\`
`
)

function split(line) {
  const columns = line.split(',').map(column => column.trim())
  if (columns.length !== 5 || line.includes('"')) throw new Error(`table.csv: five plain columns expected: ${line}`)
  return columns
}
