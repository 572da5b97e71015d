import { isPrivate, isWebSocket, isWebSocketSecure } from '@weft/multiaddr'
import type { Environment } from './environment.ts'

export { eventLoopDelay } from './metrics/event-loop-delay.browser.ts'

export const environment: Environment = {
  maxConnections: 128,
  maxInboundConnections: 96,
  // A page served over HTTPS may open no insecure socket, and an attempt leaves an error in the console of its user. Private
  // addresses that peers announce lead to machines of their network, or to others of this one.
  denyDialMultiaddr: address => (isWebSocket(address) && !isWebSocketSecure(address)) || isPrivate(address)
}
