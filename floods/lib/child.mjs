// A program of this folder as a process of its own, in a namespace. It is asked questions over its IPC channel.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { inNamespace } from './network.mjs'

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const running = new Set()

/** Milliseconds that an answer may take: longer than any question here needs on a busy machine. */
const ANSWER_LIMIT_MS = 120_000
/** Milliseconds that a program has to end when it is let go. */
const GOODBYE_MS = 3000

export class Child {
  #process
  #pending = new Map()
  #nextId = 0
  #stderr = ''
  /** The exit code or signal, once it has ended. */
  ended

  /** Resolves when the program answers. */
  static async start(namespace, program, settings, { node = process.execPath, flags = [] } = {}) {
    const child = new Child(namespace, program, settings, node, flags)
    await child.ask('ready')
    return child
  }

  constructor(namespace, program, settings, node, flags) {
    const args = [node, ...flags, path.join(folder, program), JSON.stringify(settings)]
    const [command, rest] = namespace === undefined ? [args[0], args.slice(1)] : inNamespace(namespace, args)
    this.name = path.basename(program, '.mjs')
    this.#process = spawn(command, rest, { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] })
    running.add(this)
    this.exited = new Promise(resolve => this.#process.once('exit', (code, signal) => resolve(code ?? signal)))
    void this.exited.then(code => this.#onExit(code))
    this.#process.stderr.setEncoding('utf8').on('data', text => {
      this.#stderr = (this.#stderr + text).slice(-4000)
    })
    this.#process.on('message', message => this.#onMessage(message))
    this.#process.on('error', () => {})
  }

  get pid() {
    return this.#process.pid
  }

  /** What it has written to stderr, at most the last 4,000 characters. */
  get stderr() {
    return this.#stderr
  }

  ask(question, params = {}, limitMs = ANSWER_LIMIT_MS) {
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) {
        reject(this.#endError(question))
        return
      }
      const timer = setTimeout(() => reject(new Error(`${this.name} does not answer "${question}"`)), limitMs)
      this.#pending.set(id, { resolve, reject, timer, question })
      this.#process.send({ id, question, params })
    })
  }

  /** Lets it end by itself, which writes its profile if it makes one, or ends it; resolves when it is gone. */
  async stop() {
    if (this.#process.connected) this.#process.disconnect()
    const timer = setTimeout(() => this.kill(), GOODBYE_MS)
    await this.exited
    clearTimeout(timer)
  }

  kill() {
    this.#process.kill('SIGKILL')
  }

  #onMessage({ id, result, error }) {
    const entry = this.#pending.get(id)
    if (entry === undefined) return
    this.#pending.delete(id)
    clearTimeout(entry.timer)
    if (error === undefined) entry.resolve(result)
    else entry.reject(new Error(`${this.name}: ${entry.question}: ${error}`))
  }

  #onExit(code) {
    this.ended = code
    running.delete(this)
    for (const { reject, timer, question } of this.#pending.values()) {
      clearTimeout(timer)
      reject(this.#endError(question))
    }
    this.#pending.clear()
  }

  #endError(question) {
    return new Error(`${this.name} ended (${this.ended}) before it answered "${question}"\n${this.#stderr}`)
  }
}

/** Ends every child that is left. */
export function killAll() {
  for (const child of running) child.kill()
}

/** Ends every child that is left, and resolves when they are gone. */
export async function stopAll() {
  await Promise.all([...running].map(child => child.stop()))
}
