import type { Multiaddr } from '@multiformats/multiaddr'
import { isCircuit, parseIp, tryGetNetConfig } from '@weft/multiaddr'
import type { OwnHost } from './core/answers.ts'

/** IP addresses in an answer: they are there for go-libp2p, to which one is enough. */
const maxIps = 4

/** What is told of a node on a link that has these IP addresses: its addresses there, and no others. */
export function ownHost(own: readonly Multiaddr[], link: readonly string[]): OwnHost {
  const addresses: string[] = []
  const hosts = new Set<string>()
  for (const address of own) {
    const host = isCircuit(address) ? undefined : tryGetNetConfig(address)?.host
    // An address of one link alone means nothing without the zone, which others have not the same name for.
    if (host === undefined || !link.includes(host) || /^fe[89ab]/i.test(host)) continue
    addresses.push(address.toString())
    hosts.add(host)
  }
  const ips = [...hosts].slice(0, maxIps).flatMap(host => parseIp(host) ?? [])
  return { addresses, ips }
}
