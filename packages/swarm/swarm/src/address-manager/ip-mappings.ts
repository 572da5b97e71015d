import type { Multiaddr } from '@multiformats/multiaddr'
import type { NodeAddress } from '@weft/interface-node'
import { CODE_IP4, CODE_IP6, multiaddr, parseIp, tryGetNetConfig } from '@weft/multiaddr'
import { confirm, unconfirm, unverified, type Verification } from './verification.ts'

// A router maps a few ports; each listener may have some external addresses.
const maxMappings = 256

interface IpMapping extends Verification {
  internalIp: string
  internalPort: number
  externalIp: string
  externalPort: number
  protocol: 'tcp' | 'udp'
}

/** External IP addresses and ports that a router forwards to this node. */
export class IpMappings {
  private readonly _mappings: IpMapping[] = []

  /** How many there are. */
  get size(): number {
    return this._mappings.length
  }

  has(ma: Multiaddr): boolean {
    const host = tryGetNetConfig(ma)?.host
    return this._mappings.some(({ externalIp }) => externalIp === host)
  }

  /** Ignored where it is there already, or once there are 256. */
  add(mapping: Omit<IpMapping, keyof Verification>): void {
    const { externalIp, externalPort, internalIp, internalPort, protocol } = mapping
    const known = this._mappings.some(
      other =>
        isExternal(other, externalIp, externalPort, protocol) &&
        other.internalIp === internalIp &&
        other.internalPort === internalPort
    )
    if (!known && this._mappings.length < maxMappings) this._mappings.push({ ...mapping, ...unverified() })
  }

  /** Returns whether one of those taken away was verified. */
  remove(externalIp: string, externalPort: number, protocol: 'tcp' | 'udp'): boolean {
    let verified = false
    for (let i = this._mappings.length - 1; i >= 0; i--) {
      const mapping = this._mappings[i]!
      if (!isExternal(mapping, externalIp, externalPort, protocol)) continue
      verified ||= mapping.verified
      this._mappings.splice(i, 1)
    }
    return verified
  }

  /** The external counterparts of these addresses. */
  getAll(addresses: readonly NodeAddress[]): NodeAddress[] {
    return addresses.flatMap(({ multiaddr: ma }) => {
      const config = tryGetNetConfig(ma)
      return this._mappings
        .filter(
          ({ internalIp, internalPort, protocol }) =>
            internalIp === config?.host && internalPort === config.port && protocol === config.protocol
        )
        .map(({ verified, expires, lastVerified, ...mapping }) => ({
          multiaddr: withExternal(ma, mapping),
          type: 'ip-mapping' as const,
          verified,
          expires,
          ...(lastVerified === undefined ? {} : { lastVerified })
        }))
    })
  }

  /** Returns whether all mappings of the address's host were verified before. */
  confirm(ma: Multiaddr, ttl: number): boolean {
    const host = tryGetNetConfig(ma)?.host
    const found = this._mappings.filter(({ externalIp }) => externalIp === host)
    return found.map(mapping => confirm(mapping, ttl)).every(Boolean) && found.length > 0
  }

  /** Returns whether the mapping was verified before. */
  unconfirm(ma: Multiaddr, retry: number): boolean {
    const { host, port, protocol } = tryGetNetConfig(ma) ?? {}
    const found = this._mappings.filter(mapping => isExternal(mapping, host, port, protocol))
    return found.map(mapping => unconfirm(mapping, retry)).some(Boolean)
  }
}

function isExternal(mapping: IpMapping, host?: string, port?: number, protocol?: string): boolean {
  return mapping.externalIp === host && mapping.externalPort === port && mapping.protocol === protocol
}

/** The address with IP and port replaced; the family may change, where a router translates between them. */
function withExternal(
  ma: Multiaddr,
  { externalIp, externalPort, protocol }: Pick<IpMapping, 'externalIp' | 'externalPort' | 'protocol'>
): Multiaddr {
  const family = parseIp(externalIp)?.length === 4 ? { code: CODE_IP4, name: 'ip4' } : { code: CODE_IP6, name: 'ip6' }
  const components = ma.getComponents()
  const ip = components.findIndex(({ code }) => code === CODE_IP4 || code === CODE_IP6)
  const port = components.findIndex(({ name }) => name === protocol)
  if (ip === -1 || port === -1) return ma
  components[ip] = { ...family, value: externalIp }
  components[port] = { code: components[port]!.code, name: protocol, value: `${externalPort}` }
  return multiaddr(components)
}
