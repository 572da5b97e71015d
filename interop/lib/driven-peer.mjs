// A peer that is a process: one command a line, one line of JSON back for each; lines without `cmd` are events.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const START_LIMIT_MS = 60_000

export class DrivenPeer {
  name
  events = []
  ready
  #child
  #waiting = []
  #watching = new Set()

  constructor(name, command, args = []) {
    this.name = name
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} did not start`)), START_LIMIT_MS)
      const failed = error => reject(error)
      this.#child.once('error', failed)
      this.#child.once('exit', code => failed(new Error(`${name} ended with ${code}`)))
      createInterface({ input: this.#child.stdout }).on('line', line => {
        const message = JSON.parse(line)
        if (message.event === 'ready') {
          clearTimeout(timer)
          resolve(message)
        } else if (message.cmd === undefined) {
          this.events.push(message)
          for (const look of this.#watching) look(message)
        } else this.#waiting.shift()?.(message)
      })
    })
    this.ready.catch(() => {})
  }

  /** The result of a command. Rejects with what the peer says. */
  async command(line) {
    const answered = new Promise(resolve => this.#waiting.push(resolve))
    this.#child.stdin.write(`${line}\n`)
    const { result, error } = await answered
    if (error) throw new Error(`${this.name}: ${line.slice(0, 60)}: ${error}`)
    return result
  }

  /** The first event from now on that is wanted. */
  event(wanted) {
    return new Promise(resolve => {
      const look = message => {
        if (!wanted(message)) return
        this.#watching.delete(look)
        resolve(message)
      }
      this.#watching.add(look)
    })
  }

  async stop() {
    const ended = new Promise(resolve => this.#child.once('exit', resolve))
    if (this.#child.exitCode !== null) return
    this.#child.stdin.write('quit\n')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(timer)
  }
}
