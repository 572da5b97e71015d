import { clip, narrow, shorten, wrap } from './text.ts'

/** A column of a table. */
export interface Column<Row> {
  title: string
  value(row: Row): string
  right?: boolean
  /** Columns of the terminal to which it may be shortened in its middle. Without it the column is whole. */
  least?: number
  /** It is prose: where it does not fit it has more lines in place of being shortened. */
  prose?: boolean
  /** Where there is no room it is left out: the lowest first. Without it the column stays. */
  rank?: number
}

const gap = 2

/**
 * Rows under titles, none wider than `width` columns (`Infinity`: all in full). Where there is no room, addresses and ids
 * are shortened, then columns are left out, which a last line tells.
 */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string[] {
  const cells = new Map(columns.map(column => [column, rows.map(row => narrow(column.value(row)) || '-')]))
  const naturalWidth = (column: Column<Row>): number =>
    cells.get(column)!.reduce((most, { length }) => Math.max(most, length), column.title.length)
  const leastWidth = (column: Column<Row>): number =>
    Math.min(naturalWidth(column), Math.max(column.least ?? Number.POSITIVE_INFINITY, column.title.length))

  const hidden = new Set<Column<Row>>()
  let shown = [...columns]
  while (totalOf(shown.map(leastWidth)) > width) {
    const next = shown.filter(({ rank }) => rank !== undefined).sort((a, b) => a.rank! - b.rank!)[0]
    if (next === undefined) break
    hidden.add(next)
    shown = shown.filter(column => !hidden.has(column))
  }
  const widths = share(shown.map(naturalWidth), shown.map(leastWidth), width)
  const line = (text: (column: Column<Row>) => string): string => {
    const parts = shown.map((column, at) => {
      const part = shorten(text(column), widths[at]!)
      return column.right === true ? part.padStart(widths[at]!) : part.padEnd(widths[at]!)
    })
    return clip(parts.join(' '.repeat(gap)).trimEnd(), width)
  }
  const linesOf = (row: number): string[] => {
    const parts = shown.map((column, at) => {
      const text = cells.get(column)![row]!
      return column.prose === true ? wrap(text, Math.max(1, widths[at]!)) : [text]
    })
    const height = Math.max(...parts.map(({ length }) => length))
    return Array.from({ length: height }, (_, at) => line(column => parts[shown.indexOf(column)]![at] ?? ''))
  }
  const lines = [line(({ title }) => title), ...rows.flatMap((_, row) => linesOf(row))]
  if (hidden.size === 0) return lines
  const names = columns.filter(column => hidden.has(column)).map(({ title }) => title)
  return [...lines, clip(`(no room for ${names.join(', ')}: --json has all)`, width)]
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + gap, -gap)
}

/** Takes from the widest column that may be shortened, until all fit. */
function share(natural: readonly number[], least: readonly number[], width: number): number[] {
  const widths = [...natural]
  for (let surplus = totalOf(widths) - width; surplus > 0; surplus--) {
    let widest = -1
    for (const [at, own] of widths.entries()) {
      if (own > least[at]! && (widest === -1 || own > widths[widest]!)) widest = at
    }
    if (widest === -1) break
    widths[widest]!--
  }
  return widths
}
