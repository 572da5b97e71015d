/**
 * The form of 2015 to 2019, `ipfs.local`: the peer's id names the instance and stands in the TXT, the port in the SRV and
 * the addresses in A and AAAA. Only TCP can be told that way.
 */
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { CODE_IP4, CODE_IP6, CODE_TCP, formatIp, multiaddr, parseIp } from '@weft/multiaddr'
import { encodeDns } from './dns-encode.ts'
import { answerFlags, type DnsMessage, type DnsRecord } from './dns-message.ts'
import { lowerCase, sameName } from './dns-name.ts'
import { earlyServiceTag } from './service-names.ts'

/** A peer of that form, as addresses of today's. */
export interface EarlyPeer {
  /** Whose records they are. */
  readonly owner: string
  /** Seconds. */
  readonly ttl: number
  /** Addresses with the peer id at their end, as text. */
  readonly addresses: readonly string[]
}

const hostLabel = 'host'

/** The packet of this node, undefined where it listens on no TCP port of the link. */
export function earlyPacket(self: string, addresses: readonly string[], ttl: number): Uint8Array | undefined {
  const targets = addresses.map(tcpTarget).filter(target => target !== undefined)
  const port = targets[0]?.port
  if (port === undefined) return undefined
  const owner = `${self}.${earlyServiceTag}`
  const host = `${hostLabel}-${self.slice(-16)}`
  const base = { ttl, flush: false }
  const ips = targets.filter(target => target.port === port).map(target => target.ip)
  const answers: DnsRecord[] = [
    { ...base, type: 'PTR', name: earlyServiceTag, target: owner },
    { ...base, type: 'SRV', name: owner, port, target: host },
    { ...base, type: 'TXT', name: owner, texts: [fromUtf8(self)] },
    ...ips.map(
      (address): DnsRecord => ({ ...base, type: address.byteLength === 4 ? 'A' : 'AAAA', name: host, address })
    )
  ]
  return encodeDns({ id: 0, flags: answerFlags, questions: [], answers, authorities: [], additionals: [] })
}

/** The peers of such a packet. */
export function earlyPeers({ answers, additionals }: DnsMessage): EarlyPeer[] {
  const records = [...answers, ...additionals]
  return records.flatMap(ptr => {
    if (ptr.type !== 'PTR' || !sameName(ptr.name, earlyServiceTag)) return []
    const of = records.filter(({ name }) => sameName(name, ptr.target))
    const id = of.flatMap(record => (record.type === 'TXT' ? record.texts : []))[0]
    const srv = of.find(record => record.type === 'SRV')
    const text = id === undefined ? undefined : readText(id)
    if (text === undefined || srv === undefined) return [{ owner: ptr.target, ttl: ptr.ttl, addresses: [] }]
    const addresses = records.flatMap(record => {
      if ((record.type !== 'A' && record.type !== 'AAAA') || lowerCase(record.name) !== lowerCase(srv.target)) return []
      return [`/${record.type === 'A' ? 'ip4' : 'ip6'}/${formatIp(record.address)}/tcp/${srv.port}/p2p/${text}`]
    })
    return [{ owner: ptr.target, ttl: ptr.ttl, addresses }]
  })
}

function readText(bytes: Uint8Array): string | undefined {
  try {
    return toUtf8(bytes)
  } catch {
    return undefined
  }
}

/** Address and port of a plain TCP address. */
function tcpTarget(address: string): { ip: Uint8Array; port: number } | undefined {
  const [host, tcp, ...rest] = multiaddr(address).getComponents()
  if ((host?.code !== CODE_IP4 && host?.code !== CODE_IP6) || tcp?.code !== CODE_TCP || rest.length > 1)
    return undefined
  const ip = parseIp(host.value ?? '')
  return ip === undefined ? undefined : { ip, port: Number(tcp.value) }
}
