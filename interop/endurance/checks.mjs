// A list of bounds that held or did not, printed as it grows; the exit code follows.
import { writeResults } from '../lib/setup.mjs'

export class Checks {
  #rows = []

  check(name, ok, found) {
    this.#rows.push({ name, ok, found })
    process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name}: ${found}\n`)
  }

  finish(file, facts) {
    const passed = this.#rows.filter(row => row.ok).length
    const failed = this.#rows.length - passed
    writeResults(file, { ...facts, passed, failed, checks: this.#rows })
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
    process.exit(failed === 0 && passed > 0 ? 0 : 1)
  }
}
