/** What inbound connections are held to. Every number may be `Infinity`. */
export interface AdmissionLimits {
  /** Connections of both directions, handshakes under way included. */
  maxConnections: number
  /** Inbound connections, handshakes under way included. */
  maxInbound: number
  /** Handshakes under way. */
  maxPending: number
  /** Handshakes under way of one IPv4 address or IPv6 /56. */
  maxPendingPerAddress: number
  /** Connections of one IPv4 address or IPv6 /56. */
  maxPerAddress: number
  /** Connections of one IPv6 /48. */
  maxPerNetwork: number
  /** Connections of one peer, of both directions. */
  maxPerPeer: number
  /** Connections of one IPv4 address or IPv6 /56 in a second, over time. */
  rate: number
  /** The same that may come at once. */
  burst: number
  /** Bytes that a handshake must bring for each second in which it is waited for. */
  minHandshakeRate: number
  /** The option that has set a limit, where it is none of the connection manager. */
  optionOf?: ((reason: RefusalReason) => string | undefined) | undefined
}

/** Why a connection is not let in, or goes. */
export const refusalReasons = [
  'denied',
  'connections',
  'inbound',
  'rate',
  'pending',
  'pending-address',
  'address',
  'network',
  'peer',
  'evicted',
  'slow'
] as const

export type RefusalReason = (typeof refusalReasons)[number]

/** Which limit a connection came up against. One object for each reason: a refusal costs no memory. */
export interface Refusal {
  readonly reason: RefusalReason
  /** Its value, where it is a number. */
  readonly limit: number | undefined
  /** Name of the option that sets it, below `connectionManager`. */
  readonly option: string
  /** In words, for the error. */
  readonly text: string
}

/** The refusals of these limits. */
export function refusalsOf(limits: AdmissionLimits): Readonly<Record<RefusalReason, Refusal>> {
  const refusal = (reason: RefusalReason, option: string, limit: number | undefined, text: string): Refusal =>
    Object.freeze({ reason, option: `connectionManager.${option}`, limit, text })
  const { maxPendingPerAddress, maxPerAddress, maxPerNetwork, maxPerPeer, rate, minHandshakeRate } = limits
  // They may be changed at any time.
  const live = (reason: RefusalReason, option: string, limit: () => number, text: string): Refusal =>
    Object.freeze({
      reason,
      text,
      get limit() {
        return limit()
      },
      get option() {
        return limits.optionOf?.(reason) ?? `connectionManager.${option}`
      }
    })
  const ofPending = (): number => limits.maxPending
  return {
    denied: refusal('denied', 'deny', undefined, 'the address is denied'),
    connections: live('connections', 'maxConnections', () => limits.maxConnections, 'there are too many connections'),
    inbound: live(
      'inbound',
      'maxInboundConnections',
      () => limits.maxInbound,
      'there are too many inbound connections'
    ),
    rate: refusal('rate', 'inboundConnectionThreshold', rate, 'too many connections a second of one address'),
    pending: live('pending', 'maxIncomingPendingConnections', ofPending, 'too many handshakes are under way'),
    'pending-address': refusal(
      'pending-address',
      'maxIncomingPendingPerAddress',
      maxPendingPerAddress,
      'too many handshakes of one address are under way'
    ),
    address: refusal('address', 'maxConnectionsPerAddress', maxPerAddress, 'too many connections of one address'),
    network: refusal('network', 'maxConnectionsPerNetwork', maxPerNetwork, 'too many connections of one IPv6 network'),
    peer: refusal('peer', 'maxConnectionsPerPeer', maxPerPeer, 'too many connections of one peer'),
    evicted: live(
      'evicted',
      'maxIncomingPendingConnections',
      ofPending,
      'the handshake gave way to another: its address had the most under way, and it was the oldest'
    ),
    slow: refusal('slow', 'inboundUpgradeMinRate', minHandshakeRate, 'the handshake brings too few bytes a second')
  }
}
