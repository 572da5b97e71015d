/** What of the defaults follows from where the node runs. Its twin is for browsers. */
import type { Environment } from './environment.ts'

export { eventLoopDelay } from './metrics/event-loop-delay.node.ts'

export const environment: Environment = {
  maxConnections: 1024,
  maxInboundConnections: 768
}
