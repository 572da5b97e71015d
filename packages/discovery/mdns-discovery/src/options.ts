import { checkOptions, delay, flag, having, InvalidParametersError, type OptionTable, text, whole } from '@weft/errors'
import { parseIp } from '@weft/multiaddr'
import { defaultNetwork } from '#network'
import { maxLabelLength } from './core/dns-message.ts'
import { labelsOf } from './core/dns-name.ts'
import { isServiceTag } from './core/service-names.ts'
import type { MulticastNetwork } from './network/multicast.ts'

/** Options of `mdns()`, with js-libp2p's names. */
export interface MulticastDNSInit {
  /** Whether this node says who it is. Without it, it only listens. @default true */
  broadcast?: boolean | undefined
  /** Milliseconds between two questions at most; the first three follow within 4 s. @default 10000 */
  interval?: number | undefined
  /**
   * The service: nodes with another one do not find each other. In a private network it holds the fingerprint of the
   * network's key unless it is given. @default '_p2p._udp.local'
   */
  serviceTag?: string | undefined
  /** Name of this node in answers: at most 63 letters, digits, `-`, `_`. It says nothing of the peer. @default at random */
  peerName?: string | undefined
  /** UDP port. @default 5353 */
  port?: number | undefined
  /** The multicast group. With another one than the default's, the other family is not used. @default '224.0.0.251' and 'ff02::fb' */
  ip?: string | undefined
  /** Whether the form of 2015 to 2019, `ipfs.local`, is spoken and understood too. @default false */
  earlyForm?: boolean | undefined
  /** The multicast to use instead of the machine's. */
  network?: MulticastNetwork | undefined
}

/** What they may be. */
export const multicastOptions: OptionTable<MulticastDNSInit> = {
  broadcast: flag,
  interval: delay(100),
  serviceTag: text,
  peerName: text,
  port: whole(1, 65_535),
  ip: text,
  earlyForm: flag,
  network: having('a multicast network', 'open')
}

/** The group of IPv4 (RFC 6762, section 3). */
const defaultGroup4 = '224.0.0.251'
/** The group of IPv6. */
const defaultGroup6 = 'ff02::fb'

/** Throws `InvalidParametersError` that names the option. Returns what logs the names that are unknown. */
export function checkInit(
  factory: string,
  init: MulticastDNSInit,
  more: OptionTable = {}
): (components?: unknown) => void {
  const tellNotices = checkOptions(factory, { ...multicastOptions, ...more }, init)
  const refuse = (option: string, why: string): never => {
    throw new InvalidParametersError(`${factory}: ${option} ${why}`, { facts: { option } })
  }
  const { serviceTag, peerName, ip } = init
  if (serviceTag !== undefined && !isServiceTag(serviceTag)) refuse('serviceTag', 'must be a name as _p2p._udp.local')
  if (peerName !== undefined && !isLabel(peerName)) {
    refuse('peerName', `must be 1 to ${maxLabelLength} letters, digits, - and _`)
  }
  if (ip !== undefined && !isMulticast(ip)) refuse('ip', 'must be a multicast address')
  // Throws where there is none, before a node is made.
  if (init.network === undefined) defaultNetwork()
  return tellNotices
}

/** The groups of both families. */
export function groupsOf(ip: string = defaultGroup4): { group4: string | undefined; group6: string | undefined } {
  if (ip === defaultGroup4) return { group4: ip, group6: defaultGroup6 }
  return ip.includes(':') ? { group4: undefined, group6: ip } : { group4: ip, group6: undefined }
}

function isLabel(name: string): boolean {
  try {
    return labelsOf(name).length === 1
  } catch {
    return false
  }
}

function isMulticast(ip: string): boolean {
  const bytes = parseIp(ip)
  if (bytes === undefined) return false
  return bytes.byteLength === 4 ? bytes[0]! >> 4 === 0xe : bytes[0] === 0xff
}
