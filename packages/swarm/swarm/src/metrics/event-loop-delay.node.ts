import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { EventLoopDelay } from './event-loop-delay.ts'

// Milliseconds: finer costs more and says no more of what a peer notices.
const resolution = 20

export function eventLoopDelay(): EventLoopDelay | undefined {
  const histogram = monitorEventLoopDelay({ resolution })
  return {
    start: () => void histogram.enable(),
    stop: () => void histogram.disable(),
    read() {
      // What is recorded is the time between two ticks of its timer.
      const seconds = (nanoseconds: number): number =>
        histogram.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - resolution / 1000)
      const read = {
        '0.5': seconds(histogram.percentile(50)),
        '0.9': seconds(histogram.percentile(90)),
        '0.99': seconds(histogram.percentile(99)),
        '1': seconds(histogram.max)
      }
      histogram.reset()
      return read
    }
  }
}
