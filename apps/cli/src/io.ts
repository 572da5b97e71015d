/** What a command has of the process that runs it. */
export interface Io {
  /** Writes a line to standard output: results, and nothing else. */
  out(line: string): void
  /** Writes a line to standard error: what went wrong, and what to do. */
  err(line: string): void
  /** Draws over the current line of standard error. Undefined where that is no terminal. */
  draw: ((text: string) => void) | undefined
  /** What standard output is shown on. Undefined where that is no terminal. */
  terminal: Terminal | undefined
  /** Fires when the command is to stop. */
  signal: AbortSignal
}

/** A terminal that shows standard output. */
export interface Terminal {
  /** Whether lines may have colours. */
  colours: boolean
  /** How wide it is now. */
  columns(): number
  /** How high it is now. */
  rows(): number
  /** Draws lines, none wider than it is, in place of those that were drawn last. Nothing else may be printed between. */
  redraw(lines: readonly string[]): void
}
