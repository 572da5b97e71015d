/** The numbers of connections that a node may have are those of its accounts: admission has no others. */
import type { LimitView, Resource, ResourceManager, ScopeKind } from '@weft/resources'
import type { AdmissionLimits, RefusalReason } from '../core/admission/limits.ts'

/** Dials have this part of a total that `resourceLimits` gives, as the least wanted are closed when those have connected. */
const partForDials = 0.1

/** Which account has no room, for the refusals that are an account's. */
const accounts: Partial<Record<RefusalReason, readonly [ScopeKind, Resource]>> = {
  connections: ['system', 'connections'],
  inbound: ['system', 'connectionsInbound'],
  pending: ['transient', 'pendingInbound']
}

/**
 * The limits of admission, with those numbers that `resourceLimits` has set, now or later, in place of what the options of
 * the connection manager say.
 */
export function limitsOf(limits: AdmissionLimits, resources: ResourceManager | undefined): AdmissionLimits {
  if (resources === undefined) return limits
  const given = (reason: RefusalReason): LimitView | undefined => givenRow(resources, reason)
  return {
    ...limits,
    get maxConnections() {
      const total = given('connections')?.value
      if (total === undefined) return limits.maxConnections
      return Math.max(1, total - Math.min(resources.maxParallelDials, Math.floor(total * partForDials)))
    },
    get maxInbound() {
      return given('inbound')?.value ?? limits.maxInbound
    },
    get maxPending() {
      return given('pending')?.value ?? limits.maxPending
    },
    optionOf: reason => given(reason)?.option
  }
}

/** Counts a refusal in the account that has no room, as for every other limit. */
export function countRefusal(resources: ResourceManager | undefined, reason: RefusalReason): void {
  const account = accounts[reason]
  if (account !== undefined) resources?.countRefusal(...account)
}

/**
 * The connections whose handshakes are done.
 * @param pending - inbound handshakes that count as connections
 */
export function openIn(resources: ResourceManager, pending: number): { connections: number; inbound: number } {
  const { system, transient } = resources
  return {
    connections: system.used('connections') - transient.used('connectionsOutbound') - pending,
    inbound: system.used('connectionsInbound') - pending
  }
}

function givenRow(resources: ResourceManager, reason: RefusalReason): LimitView | undefined {
  const account = accounts[reason]
  return account === undefined ? undefined : resources.given(...account)
}
