// Resident memory of another process, ten times a second.
import { readFileSync } from 'node:fs'

const INTERVAL_MS = 100
const PAGE_BYTES = 4096

/** Bytes of memory that a process has resident. */
export function rssOf(pid) {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES
}

export class Sampler {
  peak = 0
  #pid
  #timer

  constructor(pid) {
    this.#pid = pid
    this.#sample()
    this.#timer = setInterval(() => this.#sample(), INTERVAL_MS)
  }

  stop() {
    clearInterval(this.#timer)
    return this.peak
  }

  #sample() {
    try {
      this.peak = Math.max(this.peak, rssOf(this.#pid))
    } catch (error) {
      // It has ended: whoever asks it next is told.
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error
    }
  }
}
