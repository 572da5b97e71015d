import type { TokenClass } from './model.ts'

/** Bounds and delays of the dial scheduler. Times are milliseconds. */
export interface SchedulerLimits {
  /** Dials to different peers at once. @default 100, as js-libp2p */
  maxParallelDials: number
  /** Dials that run or wait for their turn; one more is refused. @default 500, as js-libp2p */
  maxDials: number
  /** Addresses tried in one dial; the worst ranked past it are left out. @default 100, as go-libp2p */
  maxAddresses: number
  /** Attempts at once to one peer. @default 8, as go-libp2p */
  peerTokens: number
  /** Attempts at once of each class. */
  classTokens: Readonly<Record<Exclude<TokenClass, 'none'>, number>>
  /** One attempt. @default 6000, as js-libp2p */
  attemptTimeout: number
  /** Between two public addresses, the value of RFC 8305 section 5. @default 250 */
  publicStagger: number
  /** Between two private addresses: a round trip there is shorter. @default 30 */
  privateStagger: number
  /** From the first direct address to a relayed one, which costs somebody else's bandwidth. @default 500 */
  relayDelay: number
  /** Back-off after `tries` failures: min(base + step x tries^2, max). @default 5 s, 1 s, 5 min, as go-libp2p */
  backoffBase: number
  backoffStep: number
  backoffMax: number
  /** Addresses whose back-off is remembered: those of the peer that failed longest ago are forgotten first. */
  maxBackoffs: number
  /** Outcomes that decide whether a path is a black hole. @default 100, as go-libp2p */
  blackHoleWindow: number
  /** Fewer successes than this among them: it is one. @default 5, as go-libp2p */
  blackHoleMinSuccesses: number
}

export const defaultSchedulerLimits: SchedulerLimits = {
  maxParallelDials: 100,
  maxDials: 500,
  maxAddresses: 100,
  peerTokens: 8,
  classTokens: {
    // go-libp2p's number: a small part of the usual 1024 descriptors, so that accepting and stores go on.
    fd: 160,
    // Each costs a peer connection with its ICE sockets and threads.
    webrtc: 32,
    // Half of the 64 sessions that Chromium has for all pages together.
    webtransport: 32,
    // Streams on connections to few relays, whose own limits are low (16 circuits a peer).
    relay: 64
  },
  attemptTimeout: 6000,
  publicStagger: 250,
  privateStagger: 30,
  relayDelay: 500,
  backoffBase: 5000,
  backoffStep: 1000,
  backoffMax: 300_000,
  // About 200 bytes each.
  maxBackoffs: 10_000,
  blackHoleWindow: 100,
  blackHoleMinSuccesses: 5
}
