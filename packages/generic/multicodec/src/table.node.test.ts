import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { entries } from './index.ts'

it('is the published table', () => {
  const csv = readFileSync(new URL('../scripts/table.csv', import.meta.url), 'utf8')
  const [header = [], ...rows] = csv
    .trimEnd()
    .split('\n')
    .map(line => line.split(',').map(column => column.trim()))
  const published = rows.map(row => {
    const { code, ...others } = Object.fromEntries(header.map((column, at) => [column, row[at]]))
    return { ...others, code: Number(code) }
  })
  expect(published.length).toBeGreaterThan(600)
  expect(entries()).toEqual(published)
})
