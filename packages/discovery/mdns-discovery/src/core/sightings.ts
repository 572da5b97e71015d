/** What an answer says of peers: records by the name of their owner, however they are spread over sections and packets. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { toUtf8 } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import type { DnsMessage } from './dns-message.ts'
import { isBelow, lowerCase, sameName } from './dns-name.ts'

/** What is told of one owner. */
export interface Told {
  /** Its name. */
  readonly owner: string
  /** The names that lead to it: the service, sub-services; in lower case. */
  readonly names: string[]
  /** Those that do so no more. */
  readonly left: string[]
  /** Its addresses, as they stand there. */
  readonly texts: string[]
  /** Seconds for which they may be kept. */
  ttl: number
  /** Whether it says goodbye. */
  gone: boolean
}

const addressPrefix = 'dnsaddr='

/**
 * The owners of the service in an answer. Texts without a pointer in the same packet are taken if their owner lies below the
 * service or `isKnown`: an answer may have several packets.
 */
export function sightings(message: DnsMessage, service: string, isKnown: (owner: string) => boolean): Told[] {
  const told = new Map<string, Told>()
  const of = (owner: string): Told => {
    const known = told.get(lowerCase(owner)) ?? { owner, names: [], left: [], texts: [], ttl: 0, gone: false }
    told.set(lowerCase(owner), known)
    return known
  }
  const records = [...message.answers, ...message.additionals]
  for (const record of records) {
    if (record.type !== 'PTR' || !isServiceName(record.name, service)) continue
    const entry = of(record.target)
    const names = record.ttl === 0 ? entry.left : entry.names
    const name = lowerCase(record.name)
    if (!names.includes(name)) names.push(name)
    entry.ttl = Math.max(entry.ttl, record.ttl)
    // It leaves with the service; who leaves a sub-service stays.
    if (record.ttl === 0 && sameName(record.name, service)) entry.gone = true
  }
  for (const record of records) {
    if (record.type !== 'TXT' || record.ttl === 0) continue
    if (!told.has(lowerCase(record.name)) && !isBelow(record.name, service) && !isKnown(record.name)) continue
    const entry = of(record.name)
    entry.ttl = Math.max(entry.ttl, record.ttl)
    entry.texts.push(...record.texts.flatMap(addressText))
  }
  return [...told.values()]
}

/** Whether it is the service or a sub-service of it. */
function isServiceName(name: string, service: string): boolean {
  return sameName(name, service) || isBelow(name, `_sub.${service}`)
}

/** The address in a text, undefined where it is none. */
export function readAddress(text: string): Multiaddr | undefined {
  try {
    return multiaddr(text)
  } catch {
    return undefined
  }
}

function addressText(text: Uint8Array): string[] {
  try {
    const read = toUtf8(text)
    return read.startsWith(addressPrefix) ? [read.slice(addressPrefix.length)] : []
  } catch {
    return []
  }
}
