import type { Io } from './io.ts'
import { type Column, renderTable } from './terminal/table.ts'
import { jsonText, oneLine } from './terminal/text.ts'

/** Prints a result: as one line of JSON, or as `name: value` lines in columns. */
export function print(io: Io, json: boolean | undefined, result: Readonly<Record<string, unknown>>): void {
  if (json === true) {
    io.out(jsonText(result))
    return
  }
  const names = Object.keys(result).filter(name => result[name] !== undefined)
  const width = Math.max(...names.map(name => name.length))
  for (const name of names) {
    const value = result[name]
    const lines = Array.isArray(value) ? value.map(item => oneLine(String(item))) : [oneLine(String(value))]
    io.out(`${name.padEnd(width)}  ${lines[0] ?? '-'}`)
    for (const line of lines.slice(1)) io.out(`${' '.repeat(width)}  ${line}`)
  }
}

/** Prints rows as a table that fits the terminal, as one line of JSON, or, where there are none, as `none`. */
export function printTable<Row extends object>(
  io: Io,
  json: boolean | undefined,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  none: string
): void {
  if (json === true) io.out(jsonText(rows))
  else if (rows.length === 0) io.out(none)
  else for (const line of renderTable(columns, rows, io.terminal?.columns() ?? Number.POSITIVE_INFINITY)) io.out(line)
}

/** Milliseconds as text, `0.123 ms`. */
export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(3) : value.toFixed(1)} ms`
}

/** A number of bytes as text, `1.5 MB`. */
export function byteText(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let rest = value
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000
    unit++
  }
  return `${unit === 0 ? rest : rest.toFixed(1)} ${units[unit]!}`
}
