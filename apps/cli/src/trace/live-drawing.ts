import type { Io } from '../io.ts'
import { lineText } from '../terminal/spans.ts'
import { type DialDrawing, drawDial } from './draw.ts'
import type { TraceStep } from './step.ts'

/** A dial that is drawn while it runs, where there is a terminal, and in any case at its end. */
export class LiveDrawing {
  private readonly _io: Io
  private readonly _target: string
  private readonly _timer: ReturnType<typeof setInterval> | undefined
  /** When the dial began. */
  private _began: number | undefined
  private _settled: number | undefined
  readonly steps: TraceStep[] = []

  /** `quiet`: nothing is drawn, the steps are kept. */
  constructor(io: Io, target: string, quiet: boolean) {
    this._io = io
    this._target = target
    const { terminal } = io
    if (terminal === undefined || quiet) return
    this._timer = setInterval(() => {
      // What has gone past the top cannot be drawn over.
      terminal.redraw(this._lines({ kind: 'running' }).slice(0, terminal.rows() - 1))
    }, redrawInterval)
  }

  /** Milliseconds that the dial has taken. */
  get elapsed(): number {
    return this._began === undefined ? 0 : (this._settled ?? performance.now()) - this._began
  }

  step(step: TraceStep): void {
    // Whoever joins a dial hears of steps that are past.
    this._began ??= performance.now() - step.at
    this.steps.push(step)
  }

  /** The dial is over: what comes until `end` takes none of its time. */
  settle(): void {
    this._settled ??= performance.now()
    clearInterval(this._timer)
  }

  /** Draws the whole for the last time. */
  end(outcome: DialDrawing['outcome']): void {
    this.settle()
    const lines = this._lines(outcome)
    if (this._io.terminal !== undefined) this._io.terminal.redraw(lines)
    else for (const line of lines) this._io.out(line)
  }

  private _lines(outcome: DialDrawing['outcome']): string[] {
    const { terminal } = this._io
    const drawing = { target: this._target, steps: this.steps, elapsed: this.elapsed, outcome }
    const lines = drawDial(drawing, terminal?.columns() ?? defaultColumns)
    return lines.map(line => lineText(line, terminal?.colours ?? false))
  }
}

// Milliseconds: often enough for the eye, and cheap over a slow line.
const redrawInterval = 100
// Where it is not for a terminal: wide enough for most reasons.
const defaultColumns = 120
