/**
 * The packets that say who this node is, in the form that peers in Go, JavaScript and Rust all find: PTR in the answers, SRV,
 * TXT and A or AAAA in the additionals, one peer a packet.
 */
import { fromUtf8 } from '@weft/bytes'
import { answerFlags, type DnsMessage, type DnsRecord, maxTextLength } from './dns-message.ts'
import { encodeDns } from './dns-encode.ts'

/** What is told of this node on one link. */
export interface OwnHost {
  /** Addresses with the peer id at their end, as text. */
  readonly addresses: readonly string[]
  /** IP addresses of the link, 4 or 16 bytes: go-libp2p drops a peer without one. */
  readonly ips: readonly Uint8Array[]
}

/** An answer. */
export interface Answer {
  /** Names that the node goes by: its service, sub-services. Not empty. */
  readonly names: readonly string[]
  /** The service itself. */
  readonly service: string
  /** The label of this node. */
  readonly instance: string
  /** What is told of it. */
  readonly host: OwnHost
  /** Seconds; 0 says goodbye. */
  readonly ttl: number
}

/** Bytes of a packet: what passes an Ethernet, a tunnel and IPv6 without being cut. */
const targetLength = 1200
/** Addresses that are told: a peer that needs more lists by mistake. */
const maxAddresses = 64
/** Names in one packet. */
const namesAPacket = 8
/** The port that SRV names, as go-libp2p's does. Nobody uses it: addresses stand in the texts. */
const anyPort = 4001
const localDomain = 'local'

/** Several packets where one would be too long. Addresses that do not fit in a text are left out. */
export function answerPackets({ names, service, instance, host, ttl }: Answer): Uint8Array[] {
  const owner = `${instance}.${service}`
  const target = `${instance}.${localDomain}`
  const base = { ttl, flush: false }
  const texts = textsOf(host.addresses)
  const packets: Uint8Array[] = []
  for (let at = 0; at < names.length || texts.length > 0; at += namesAPacket) {
    // Each packet says whose texts it has.
    const group = at < names.length ? names.slice(at, at + namesAPacket) : [names[0]!]
    const message: DnsMessage = {
      id: 0,
      flags: answerFlags,
      questions: [],
      answers: group.map(name => ({ ...base, type: 'PTR', name, target: owner })),
      authorities: [],
      additionals: [
        { ...base, type: 'SRV', name: owner, port: anyPort, target },
        ...host.ips.map(address => addressRecord(target, ttl, address))
      ]
    }
    // A record TXT has a name of 2 bytes, and 10 more.
    let room = targetLength - encodeDns(message).byteLength - 12
    const fitting: Uint8Array[] = []
    while (texts.length > 0 && (fitting.length === 0 || texts[0]!.byteLength < room)) {
      room -= texts[0]!.byteLength + 1
      fitting.push(texts.shift()!)
    }
    const txt: DnsRecord[] = fitting.length === 0 ? [] : [{ ...base, type: 'TXT', name: owner, texts: fitting }]
    const [srv, ...addresses] = message.additionals
    packets.push(encodeDns({ ...message, additionals: [srv!, ...txt, ...addresses] }))
  }
  return packets
}

/** The answer to "which services are there". */
export function metaPacket(metaService: string, service: string, ttl: number): Uint8Array {
  const answer: DnsRecord = { type: 'PTR', name: metaService, target: service, ttl, flush: false }
  return encodeDns({ id: 0, flags: answerFlags, questions: [], answers: [answer], authorities: [], additionals: [] })
}

function textsOf(addresses: readonly string[]): Uint8Array[] {
  return addresses
    .slice(0, maxAddresses)
    .map(address => fromUtf8(`dnsaddr=${address}`))
    .filter(text => text.byteLength <= maxTextLength)
}

function addressRecord(name: string, ttl: number, address: Uint8Array): DnsRecord {
  return { type: address.byteLength === 4 ? 'A' : 'AAAA', name, ttl, flush: false, address }
}
