/** Measures how late the event loop is. */
export interface EventLoopDelay {
  /** Until `stop()`, a timer of the runtime's runs every 20 ms. */
  start(): void
  stop(): void
  /** Seconds, by quantile: 0.5, 0.9, 0.99 and 1, since they were last read. */
  read(): Record<string, number>
}
