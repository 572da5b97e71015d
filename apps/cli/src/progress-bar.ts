import type { Io } from './io.ts'
import { byteText } from './output.ts'

const width = 30

/** How far a transfer is, on one line that is drawn over. Draws nothing where standard error is no terminal. */
export class ProgressBar {
  readonly #io: Io
  readonly #label: string
  readonly #total: number
  #done = 0
  #seconds = 0

  constructor(io: Io, label: string, total: number) {
    this.#io = io
    this.#label = label
    this.#total = total
  }

  /** `bytes` more were moved, in so many seconds. */
  add(bytes: number, seconds: number): void {
    this.#done = Math.min(this.#total, this.#done + bytes)
    this.#seconds += seconds
    this.#io.draw?.(this.text())
  }

  /** Takes the line away. */
  clear(): void {
    this.#io.draw?.('')
  }

  text(): string {
    const share = this.#total === 0 ? 1 : this.#done / this.#total
    const full = Math.floor(share * width)
    const rate = this.#seconds === 0 ? '' : ` ${byteText(this.#done / this.#seconds)}/s`
    const bar = '#'.repeat(full) + '.'.repeat(width - full)
    return `${this.#label} [${bar}] ${Math.floor(share * 100)} % of ${byteText(this.#total)}${rate}`
  }
}
