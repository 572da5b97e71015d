/** Whether an inbound connection is accepted, decided before anything of it is read. */
import type { MultiaddrConnection } from '@libp2p/interface'
import { InvalidParametersError } from '@weft/errors'
import { type Cidr, cidrContains, isLoopback, parseCidr, tryGetNetConfig } from '@weft/multiaddr'
import type { ConnectionLimits, ConnectionManagerInit } from './options.ts'

// Sources whose rate is remembered: the oldest is forgotten first, so that a spread attack costs no memory.
const maxSources = 10_000

/** Why a connection is refused. */
export type Refusal = 'denied address' | 'too many pending' | 'too fast' | 'too many connections'

export class Admission {
  readonly #limits: ConnectionLimits
  readonly #allow: readonly Cidr[]
  readonly #deny: readonly Cidr[]
  readonly #exemptLoopback: boolean
  /** Connections of each source in the second that began at `since`. */
  readonly #recent = new Map<string, { since: number; count: number }>()
  /** Inbound handshakes under way. */
  pending = 0

  constructor(limits: ConnectionLimits, init: ConnectionManagerInit) {
    this.#limits = limits
    this.#allow = blocks('allow', init)
    this.#deny = blocks('deny', init)
    this.#exemptLoopback = init.inboundConnectionThreshold === undefined
  }

  /** The reason to refuse `connection`, or `undefined` to accept it: then it counts as pending until `settled()`. */
  check({ remoteAddr }: MultiaddrConnection, connections: number, now: number): Refusal | undefined {
    const host = tryGetNetConfig(remoteAddr)?.host
    if (host !== undefined && this.#deny.some(block => contains(block, host))) return 'denied address'
    const allowed = host !== undefined && this.isAllowed(host)
    const refusal = allowed ? undefined : this.#checkLimits(host, connections, now)
    if (refusal === undefined) this.pending++
    return refusal
  }

  /** A handshake has ended, well or not. */
  settled(): void {
    this.pending--
  }

  /** Whether limits do not hold for a host. */
  isAllowed(host: string): boolean {
    return this.#allow.some(block => contains(block, host))
  }

  #checkLimits(host: string | undefined, connections: number, now: number): Refusal | undefined {
    if (this.pending >= this.#limits.maxIncomingPendingConnections) return 'too many pending'
    if (connections + this.pending >= this.#limits.maxConnections) return 'too many connections'
    if (host !== undefined && !this.#mayPass(host, now)) return 'too fast'
    return undefined
  }

  #mayPass(host: string, now: number): boolean {
    if (this.#exemptLoopback && isLoopback(host)) return true
    const key = `host:${host}`
    const recent = this.#recent.get(key)
    if (recent === undefined || now - recent.since >= 1000) {
      this.#recent.delete(key)
      const [oldest] = this.#recent.keys()
      if (this.#recent.size >= maxSources && oldest !== undefined) this.#recent.delete(oldest)
      this.#recent.set(key, { since: now, count: 1 })
      return this.#limits.inboundConnectionThreshold >= 1
    }
    recent.count++
    return recent.count <= this.#limits.inboundConnectionThreshold
  }
}

function blocks(name: 'allow' | 'deny', init: ConnectionManagerInit): Cidr[] {
  return (init[name] ?? []).map((block, i) => {
    try {
      return parseCidr(block)
    } catch (cause) {
      const option = `connectionManager.${name}[${i}]`
      throw new InvalidParametersError(`${option}: ${(cause as Error).message}`, { cause, facts: { option } })
    }
  })
}

function contains(block: Cidr, host: string): boolean {
  try {
    return cidrContains(block, host)
  } catch {
    // A name instead of an address is in no block.
    return false
  }
}
