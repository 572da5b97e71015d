import type { Multiaddr } from '@multiformats/multiaddr'
import type { NodeAddress } from '@weft/interface-node'
import { CODE_SNI, CODE_TLS, isPrivate, multiaddr, tryGetNetConfig } from '@weft/multiaddr'
import { confirm, never, setBounded, unconfirm, unverified, type Verification } from './verification.ts'

// One for each IP address of the node.
const maxMappings = 256

interface DnsMapping extends Verification {
  domain: string
}

/** Domain names, with a certificate, of the IP addresses on which this node is reached. */
export class DnsMappings {
  private readonly _byIp = new Map<string, DnsMapping>()

  /** How many there are. */
  get size(): number {
    return this._byIp.size
  }

  has(ma: Multiaddr): boolean {
    return this._of(ma).length > 0
  }

  /** The name of a private address needs no verification. */
  add(domain: string, ips: readonly string[]): void {
    for (const ip of ips) {
      const state = isPrivate(ip) ? { verified: true, expires: never, lastVerified: Date.now() } : unverified()
      setBounded(this._byIp, ip, { domain, ...state }, maxMappings)
    }
  }

  /** Returns whether one of those taken away was verified. */
  remove(domain: string): boolean {
    let verified = false
    for (const [ip, mapping] of this._byIp) {
      if (mapping.domain !== domain) continue
      verified ||= mapping.verified
      this._byIp.delete(ip)
    }
    return verified
  }

  /** The addresses, where those over TLS whose IP address has a name are replaced by ones with that name. */
  apply(addresses: readonly NodeAddress[]): NodeAddress[] {
    const mapped: NodeAddress[] = []
    const kept = addresses.filter(({ multiaddr: ma }) => {
      const mapping = this._byIp.get(tryGetNetConfig(ma)?.host ?? '')
      const named = mapping === undefined ? undefined : withServerName(ma, mapping.domain)
      if (mapping === undefined || named === undefined) return true
      const { domain: _, ...state } = mapping
      mapped.push({ multiaddr: named, type: 'dns-mapping', ...state })
      return false
    })
    return [...kept, ...mapped]
  }

  /** Returns whether all mappings of the address's name were verified before. */
  confirm(ma: Multiaddr, ttl: number): boolean {
    const found = this._of(ma)
    return found.map(mapping => confirm(mapping, ttl)).every(Boolean) && found.length > 0
  }

  /** Returns whether one of the mappings was verified before. */
  unconfirm(ma: Multiaddr, retry: number): boolean {
    return this._of(ma)
      .map(mapping => unconfirm(mapping, retry))
      .some(Boolean)
  }

  private _of(ma: Multiaddr): DnsMapping[] {
    const config = tryGetNetConfig(ma)
    const name = config?.sni ?? config?.host
    return [...this._byIp.values()].filter(({ domain }) => domain === name)
  }
}

function withServerName(ma: Multiaddr, domain: string): Multiaddr | undefined {
  const components = ma.getComponents()
  const tls = components.findIndex(({ code }) => code === CODE_TLS)
  if (tls === -1 || components[tls + 1]?.code === CODE_SNI) return undefined
  return multiaddr(components.toSpliced(tls + 1, 0, { code: CODE_SNI, name: 'sni', value: domain }))
}
