import type { Io } from './io.ts'
import { byteText } from './output.ts'

const width = 30

/** How far a transfer is, on one line that is drawn over. Draws nothing where standard error is no terminal. */
export class ProgressBar {
  private readonly _io: Io
  private readonly _label: string
  private readonly _total: number
  private _done = 0
  private _seconds = 0

  constructor(io: Io, label: string, total: number) {
    this._io = io
    this._label = label
    this._total = total
  }

  /** `bytes` more were moved, in so many seconds. */
  add(bytes: number, seconds: number): void {
    this._done = Math.min(this._total, this._done + bytes)
    this._seconds += seconds
    this._io.draw?.(this.text())
  }

  /** Takes the line away. */
  clear(): void {
    this._io.draw?.('')
  }

  text(): string {
    const share = this._total === 0 ? 1 : this._done / this._total
    const full = Math.floor(share * width)
    const rate = this._seconds === 0 ? '' : ` ${byteText(this._done / this._seconds)}/s`
    const bar = '#'.repeat(full) + '.'.repeat(width - full)
    return `${this._label} [${bar}] ${Math.floor(share * 100)} % of ${byteText(this._total)}${rate}`
  }
}
