import type { Io } from './io.ts'

/** Prints a result: as one line of JSON, or as `name: value` lines in columns. */
export function print(io: Io, json: boolean | undefined, result: Readonly<Record<string, unknown>>): void {
  if (json === true) {
    io.out(JSON.stringify(result))
    return
  }
  const names = Object.keys(result).filter(name => result[name] !== undefined)
  const width = Math.max(...names.map(name => name.length))
  for (const name of names) {
    const value = result[name]
    const lines = Array.isArray(value) ? value.map(String) : [String(value)]
    io.out(`${name.padEnd(width)}  ${lines[0] ?? '-'}`)
    for (const line of lines.slice(1)) io.out(`${' '.repeat(width)}  ${line}`)
  }
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
