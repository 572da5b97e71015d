import type { ComponentLogger, Logger } from '@libp2p/interface'

const silent: Logger = Object.assign(() => {}, {
  error() {},
  trace() {},
  enabled: false,
  newScope: () => silent
})

/** The components that every transport is made with: a logger that says nothing. */
export function testComponents(): { logger: ComponentLogger } {
  return { logger: { forComponent: () => silent } }
}
