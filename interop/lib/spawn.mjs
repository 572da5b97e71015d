// Starts a peer program and calls its methods.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { nodeFor, root } from './setup.mjs'

const programs = { weft: 'interop/weft/peer.mjs', js: 'interop/js-libp2p/peer.mjs' }
// Early peers are one program over different locked packages: `l24` runs on those of legacy/stacks/l24.
const legacy = 'interop/legacy/peer.mjs'

export class Peer {
  unhandled = []
  #child
  #pending = new Map()
  #nextId = 0
  #stderr = ''

  /** `command`: of a peer that is no program of Node. */
  constructor(implementation, command) {
    this.implementation = implementation
    const [file, ...args] = command ?? nodeCommand(implementation)
    this.#child = spawn(file, args, { stdio: 'pipe' })
    this.exited = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.once('exit', () => this.#fail(new Error(`the ${implementation} peer ended\n${this.#stderr}`)))
    this.#child.stdin.on('error', () => {})
    this.#child.stderr.setEncoding('utf8').on('data', text => {
      this.#stderr = (this.#stderr + text).slice(-2000)
    })
    createInterface({ input: this.#child.stdout }).on('line', line => this.#onLine(line))
  }

  call(method, params) {
    const id = this.#nextId++
    const answer = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#child.stdin.write(`${JSON.stringify({ id, method, params })}\n`)
    })
    // A scenario that fails no longer waits for what else it has asked.
    answer.catch(() => {})
    return answer
  }

  /** SIGKILL: no goodbye. */
  kill() {
    this.#child.kill('SIGKILL')
    return this.exited
  }

  #onLine(line) {
    const { id, result, error, unhandled } = JSON.parse(line)
    if (unhandled !== undefined) return this.unhandled.push(unhandled)
    const { resolve, reject } = this.#pending.get(id)
    this.#pending.delete(id)
    if (error === undefined) resolve(result)
    else reject(Object.assign(new Error(error.message), { name: error.name }))
  }

  #fail(error) {
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

function nodeCommand(implementation) {
  const program = path.join(root, programs[implementation] ?? legacy)
  return [nodeFor[implementation] ?? process.execPath, program, implementation]
}
