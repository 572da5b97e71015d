import type { Io } from '../io.ts'
import { lineText } from '../terminal/spans.ts'
import { type DialDrawing, drawDial } from './draw.ts'
import type { TraceStep } from './step.ts'

/** A dial that is drawn while it runs, where there is a terminal, and in any case at its end. */
export class LiveDrawing {
  readonly #io: Io
  readonly #target: string
  readonly #timer: ReturnType<typeof setInterval> | undefined
  /** When the dial began. */
  #began: number | undefined
  #settled: number | undefined
  readonly steps: TraceStep[] = []

  /** `quiet`: nothing is drawn, the steps are kept. */
  constructor(io: Io, target: string, quiet: boolean) {
    this.#io = io
    this.#target = target
    const { terminal } = io
    if (terminal === undefined || quiet) return
    this.#timer = setInterval(() => {
      // What has gone past the top cannot be drawn over.
      terminal.redraw(this.#lines({ kind: 'running' }).slice(0, terminal.rows() - 1))
    }, redrawInterval)
  }

  /** Milliseconds that the dial has taken. */
  get elapsed(): number {
    return this.#began === undefined ? 0 : (this.#settled ?? performance.now()) - this.#began
  }

  step(step: TraceStep): void {
    // Whoever joins a dial hears of steps that are past.
    this.#began ??= performance.now() - step.at
    this.steps.push(step)
  }

  /** The dial is over: what comes until `end` takes none of its time. */
  settle(): void {
    this.#settled ??= performance.now()
    clearInterval(this.#timer)
  }

  /** Draws the whole for the last time. */
  end(outcome: DialDrawing['outcome']): void {
    this.settle()
    const lines = this.#lines(outcome)
    if (this.#io.terminal !== undefined) this.#io.terminal.redraw(lines)
    else for (const line of lines) this.#io.out(line)
  }

  #lines(outcome: DialDrawing['outcome']): string[] {
    const { terminal } = this.#io
    const drawing = { target: this.#target, steps: this.steps, elapsed: this.elapsed, outcome }
    const lines = drawDial(drawing, terminal?.columns() ?? defaultColumns)
    return lines.map(line => lineText(line, terminal?.colours ?? false))
  }
}

// Milliseconds: often enough for the eye, and cheap over a slow line.
const redrawInterval = 100
// Where it is not for a terminal: wide enough for most reasons.
const defaultColumns = 120
