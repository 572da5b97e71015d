// Bounds that held, did not, or could not be looked at. One line each, as they come.
import { writeResults } from '../../interop/lib/setup.mjs'

export class Checks {
  rows = []

  /** A bound: `found` is the figure, as text. */
  check(name, ok, found) {
    this.rows.push({ name, ok, found })
    process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${found}\n`)
  }

  /** Something to know that is no bound. */
  note(text) {
    process.stdout.write(`     ${text}\n`)
  }

  skip(name, reason) {
    this.rows.push({ name, skipped: reason })
    process.stdout.write(`skipped: ${name}: ${reason}\n`)
  }

  /** Writes `results/<file>` and returns the exit code. */
  finish(file, facts) {
    const count = pick => this.rows.filter(pick).length
    const passed = count(row => row.ok === true)
    const failed = count(row => row.ok === false)
    const skipped = count(row => row.skipped !== undefined)
    writeResults(file, { ...facts, passed, failed, skipped, checks: this.rows })
    process.stdout.write(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`)
    return failed === 0 ? 0 : 1
  }
}
