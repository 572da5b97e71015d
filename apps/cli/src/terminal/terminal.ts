import type { WriteStream } from 'node:tty'
import type { Terminal } from '../io.ts'

/** The terminal that standard output is, if it is one. `environment`: NO_COLOR (no-color.org) is heeded. */
export function terminalOf(stdout: WriteStream, environment: NodeJS.ProcessEnv): Terminal | undefined {
  if (!stdout.isTTY) return undefined
  let drawn = 0
  return {
    colours: (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb',
    // A terminal that does not tell its size says 0.
    columns: () => stdout.columns || defaultColumns,
    rows: () => stdout.rows || defaultRows,
    redraw(lines) {
      // To the first line that was drawn, and nothing below it.
      const back = drawn === 0 ? '' : `\u001b[${drawn}A\r\u001b[J`
      stdout.write(back + lines.map(line => `${line}\n`).join(''))
      drawn = lines.length
    }
  }
}

const defaultColumns = 80
const defaultRows = 24
