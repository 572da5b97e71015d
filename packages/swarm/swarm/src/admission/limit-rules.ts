/**
 * The limits of single addresses, networks and peers in words, for `weft limits` and for LIMITS.md, which is written from
 * them. Those of the whole node are rules of `@weft/resources`.
 */
import type { AdmissionUsage } from '../core/admission/admission.ts'
import type { AdmissionLimits, RefusalReason } from '../core/admission/limits.ts'

/** A limit of the admission. */
export interface AdmissionRule {
  /** Whose limit it is: what counts is in one of them. */
  scope: 'address' | 'network' | 'peer' | 'connection'
  resource: string
  limit: Exclude<keyof AdmissionLimits, 'optionOf'>
  unit: string
  option: string
  /** Under which its refusals are counted. */
  refusal: RefusalReason
  /** What is held of it, if it is held. */
  used?: keyof AdmissionUsage
  /** In words. */
  name: string
  reason: string
  atLimit: string
  /** What else changes it; in Markdown. */
  note?: string
}

/** Addresses are IPv4 addresses or IPv6 /56, networks IPv6 /48. Defaults are those of `admissionLimits()`. */
export const admissionRules: readonly AdmissionRule[] = [
  {
    scope: 'address',
    resource: 'pendingInbound',
    limit: 'maxPendingPerAddress',
    unit: 'handshakes',
    option: 'connectionManager.maxIncomingPendingPerAddress',
    refusal: 'pending-address',
    used: 'pendingOfAddress',
    name: 'inbound handshakes under way of one IPv4 address or IPv6 /56',
    reason: 'who says nothing holds few places, and others still come',
    atLimit: 'refused',
    note: 'with `maxIncomingPendingConnections` that many'
  },
  {
    scope: 'address',
    resource: 'connectionsInbound',
    limit: 'maxPerAddress',
    unit: 'connections',
    option: 'connectionManager.maxConnectionsPerAddress',
    refusal: 'address',
    used: 'ofAddress',
    name: 'inbound connections of one IPv4 address or IPv6 /56',
    reason: 'a few nodes behind one router; a hundred addresses are needed to fill a node',
    atLimit: 'refused',
    note: 'with `maxConnections` that many'
  },
  {
    scope: 'address',
    resource: 'connectionsPerSecond',
    limit: 'rate',
    unit: 'connections',
    option: 'connectionManager.inboundConnectionThreshold',
    refusal: 'rate',
    name: 'inbound connections of one IPv4 address or IPv6 /56 in a second, over time',
    reason: 'a handshake costs this node more than whoever begins it',
    atLimit: 'refused',
    note: 'where it is given it holds for loopback too'
  },
  {
    scope: 'address',
    resource: 'connectionsAtOnce',
    limit: 'burst',
    unit: 'connections',
    option: 'connectionManager.inboundConnectionBurst',
    refusal: 'rate',
    name: 'the same, at once',
    reason: 'who comes back after a break connects several times at once',
    atLimit: 'refused',
    note: 'with `inboundConnectionThreshold` that many'
  },
  {
    scope: 'network',
    resource: 'connectionsInbound',
    limit: 'maxPerNetwork',
    unit: 'connections',
    option: 'connectionManager.maxConnectionsPerNetwork',
    refusal: 'network',
    used: 'ofNetwork',
    name: 'inbound connections of one IPv6 /48',
    reason: 'one customer of a provider may have 256 of /56',
    atLimit: 'refused',
    note: 'with `maxConnections` that many'
  },
  {
    scope: 'peer',
    resource: 'connections',
    limit: 'maxPerPeer',
    unit: 'connections',
    option: 'connectionManager.maxConnectionsPerPeer',
    refusal: 'peer',
    used: 'ofPeer',
    name: 'connections of one peer',
    reason: 'two that were dialed from both sides at once, and two over other transports',
    atLimit: 'inbound ones are refused',
    note: 'with `maxConnections` that many'
  },
  {
    scope: 'connection',
    resource: 'handshakeBytesPerSecond',
    limit: 'minHandshakeRate',
    unit: 'bytes',
    option: 'connectionManager.inboundUpgradeMinRate',
    refusal: 'slow',
    name: 'bytes a second of an inbound handshake that is waited for, at least, after 3 s',
    reason: 'the slowest link brings more; a slow handshake holds a place that others need',
    atLimit: 'closed',
    note: '0 for none'
  }
]
