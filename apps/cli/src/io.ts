/** What a command has of the process that runs it. */
export interface Io {
  /** Writes a line to standard output: results, and nothing else. */
  out(line: string): void
  /** Writes a line to standard error: what went wrong, and what to do. */
  err(line: string): void
  /** Draws over the current line of standard error. Undefined where that is no terminal. */
  draw: ((text: string) => void) | undefined
  /** Fires when the command is to stop. */
  signal: AbortSignal
}
