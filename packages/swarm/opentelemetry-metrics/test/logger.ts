import type { ComponentLogger, Logger } from '@libp2p/interface'

/** A logger that keeps its errors. */
export function logger(errors: unknown[][] = []): ComponentLogger {
  const log: Logger = Object.assign(() => {}, {
    error: (...args: unknown[]) => void errors.push(args),
    trace() {},
    enabled: false,
    newScope: () => log
  })
  return { forComponent: () => log }
}
