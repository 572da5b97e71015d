/**
 * A node on its links: asks who is there, says who it is, and keeps who was heard of (libp2p/specs, discovery/mdns; RFC
 * 6762, 6763). Packets and time go in; packets and what became of peers come out.
 */
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { RecentSet, TokenBucket, TokenBuckets } from '@weft/collections'
import { CODE_P2P, p2pOf } from '@weft/multiaddr'
import { peerIdFromString } from '@weft/peer-id'
import { type OwnHost, answerPackets, metaPacket } from './answers.ts'
import { decodeDns } from './dns-decode.ts'
import { encodeDns } from './dns-encode.ts'
import {
  anyType,
  type DnsMessage,
  internetClass,
  type Question,
  recordTypes,
  responseFlag,
  topBit
} from './dns-message.ts'
import { lowerCase, sameName } from './dns-name.ts'
import { earlyPacket, earlyPeers } from './early-form.ts'
import { type Link, Links, type Source } from './links.ts'
import { Lookups } from './lookups.ts'
import { PeerTable, type PresentPeer } from './peer-table.ts'
import { Questions } from './questions.ts'
import { Replies } from './replies.ts'
import { earlyServiceTag, metaService, subServiceName } from './service-names.ts'
import { readAddress, sightings } from './sightings.ts'

/** Names of its own under which a node can be found, beside the service. */
const maxSubServices = 10_000
/** Packets of one source: at once, and a second. A neighbour that looks up one name sends three. */
const sourceBurst = 200
const sourceRate = 50
/** Packets of all. */
const burst = 2000
const rate = 500
/** Sources whose rate is remembered. */
const maxSources = 1024
/** Queries of its own that a node knows again. */
const ownIds = 64
/** Names whose texts are awaited, or whose peer is. */
const maxAwaited = 256
/** Seconds for which others may keep what is told (RFC 6762, section 10, for records of a host). */
const ttl = 120
/** The bits of the flags that say what is meant: an ordinary message, without an error (RFC 6762, section 18). */
const meaningFlags = 0x780f

/** Why something that was heard is not used. */
export type Refusal =
  /** More packets than the rate allows. */
  | 'rate'
  /** Not from a neighbour. */
  | 'not-local'
  /** No DNS message within the limits. */
  | 'malformed'
  /** An address that cannot be read. */
  | 'no-multiaddr'
  /** An address that names no peer. */
  | 'no-peer-id'
  /** An address that a neighbour may not tell: of the own machine, or refused by `acceptPrivate`. */
  | 'address-refused'
  /** Its source tells of too many peers. */
  | 'too-many-peers'

/** What a session tells. */
export type Output =
  /** A packet for a link. */
  | { readonly kind: 'send'; readonly link: string; readonly packet: Uint8Array }
  /** A peer was heard of. */
  | {
      readonly kind: 'found'
      readonly peer: PresentPeer
      readonly news: 'new' | 'changed' | 'same'
      readonly source: string
    }
  /** It said goodbye, or its time is over. */
  | { readonly kind: 'gone'; readonly id: PeerId }
  /** A peer answers to a name that is looked up. */
  | { readonly kind: 'hit'; readonly name: string; readonly id: PeerId }
  /** Something was not used. */
  | { readonly kind: 'refused'; readonly why: Refusal; readonly source: string; readonly detail: string }

/** What a session is made of. */
export interface SessionInit {
  /** The service: `_p2p._udp.local`. */
  readonly service: string
  /** The label of this node. */
  readonly instance: string
  /** Milliseconds between two questions. */
  readonly interval: number
  /** Whether it says who it is. */
  readonly broadcast: boolean
  /** Whether it also speaks the form of 2015 to 2019. */
  readonly early: boolean
  /** The own peer id, as text. */
  readonly self: string
  /** 0 to 1, for delays. */
  readonly random: () => number
  /** 0 to 65535, of a source that cannot be guessed. */
  readonly randomId: () => number
  /** What is told of this node to a link that has these addresses. */
  readonly host: (addresses: readonly string[]) => OwnHost
  /** Which addresses a neighbour may tell. */
  readonly accept: (addresses: readonly Multiaddr[], source: string) => Multiaddr[]
}

/** Pure: `now` is milliseconds of any clock that does not go back. */
export class Session {
  /** Who is present. */
  readonly peers: PeerTable = new PeerTable()
  private readonly _init: SessionInit
  private readonly _links = new Links()
  private readonly _questions: Questions
  private readonly _replies: Replies
  private readonly _lookups = new Lookups()
  private readonly _subServices = new Set<string>()
  private readonly _own = new RecentSet(ownIds)
  private readonly _owners = new RecentSet(maxAwaited)
  /** Names that wait for the texts of their owner. */
  private readonly _awaited = new Map<string, Set<string>>()
  private readonly _sources = new TokenBuckets(maxSources, sourceRate, sourceBurst)
  private readonly _all: TokenBucket

  constructor(init: SessionInit, now: number) {
    this._init = init
    this._questions = new Questions(init.interval, init.random)
    this._replies = new Replies(init.random)
    this._all = new TokenBucket(rate, burst, now)
  }

  /** When `tick` is due; `Infinity` while there is nothing to do. */
  get wakeAt(): number {
    return Math.min(this._questions.wakeAt, this._replies.wakeAt, this._lookups.wakeAt, this.peers.wakeAt)
  }

  /** The links that are there now. New ones are greeted. */
  setLinks(links: readonly Link[], now: number): void {
    const known = this._links.names
    this._links.set(links)
    this._questions.set(this._links.names, now)
    for (const link of this._links.names) if (!known.includes(link)) this._greet(link, now)
  }

  /** The own addresses have changed, or are there now. */
  announce(now: number): void {
    for (const link of this._links.names) this._greet(link, now)
  }

  /** Asks who is there before the next time, for somebody who waits. */
  askSoon(now: number): void {
    this._questions.hurry(now)
  }

  /** Answers to a sub-service from now on. Returns false if there are too many. */
  publish(label: string): boolean {
    if (this._subServices.size >= maxSubServices && !this._subServices.has(label)) return false
    this._subServices.add(label)
    return true
  }

  /** Does so no more, and says so. */
  unpublish(label: string): Output[] {
    if (!this._subServices.delete(label)) return []
    return this._links.names.flatMap(link => this._packets(link, [subServiceName(label, this._init.service)], 0))
  }

  /** Begins to look for who answers to a sub-service. Undefined: too many are looked for. */
  lookup(label: string, now: number): Output[] | undefined {
    const name = this._key(label)
    if (!this._lookups.begin(name, now)) return undefined
    const hits = this._lookups.recent(name, now).flatMap(owner => this._hit(name, owner))
    return [...hits, ...this.tick(now)]
  }

  /** Looks for it no more. */
  endLookup(label: string): void {
    this._lookups.end(this._key(label))
  }

  /** Does what is due. */
  tick(now: number): Output[] {
    const { service, early } = this._init
    const out: Output[] = this.peers.expire(now).map(id => ({ kind: 'gone', id }))
    for (const link of this._questions.take(now)) {
      out.push(this._ask(link, early ? [service, earlyServiceTag] : [service]))
      // Who is asked no more because this node asks for all wants to hear of it too.
      this._greet(link, now)
    }
    const names = this._lookups.take(now)
    if (names.length > 0) for (const link of this._links.names) out.push(this._ask(link, names))
    for (const { link, names } of this._replies.take(now)) out.push(...this._packets(link, names, ttl))
    return out
  }

  /** Says goodbye, and forgets everybody. */
  stop(): Output[] {
    const { service, broadcast, early } = this._init
    const names = early ? [service, earlyServiceTag] : [service]
    const out = broadcast ? this._links.names.flatMap(link => this._packets(link, names, 0)) : []
    this._questions.set([], 0)
    this._replies.clear()
    this.peers.clear()
    this._links.set([])
    return out
  }

  /** Reads a packet. */
  receive(packet: Uint8Array, source: Source, now: number): Output[] {
    const refuse = (why: Refusal, detail: string = ''): Output[] => [
      { kind: 'refused', why, source: source.address, detail }
    ]
    if (!this._sources.take(source.address, now) || !this._all.take(now)) return refuse('rate')
    const link = this._links.find(source)
    if (link === undefined) return refuse('not-local')
    let message: DnsMessage
    try {
      message = decodeDns(packet)
    } catch (error) {
      return refuse('malformed', (error as Error).message)
    }
    if ((message.flags & meaningFlags) !== 0) return []
    if ((message.flags & responseFlag) !== 0) return this._answered(message, source, now)
    if (!(this._own.has(String(message.id)) && this._links.isOwn(source.address))) this._asked(message, link, now)
    return []
  }

  private _asked({ questions, answers }: DnsMessage, link: string, now: number): void {
    const { service, instance } = this._init
    const owner = `${instance}.${service}`
    const asks = questions.filter(question => isInternet(question) && isAbout(question, recordTypes.PTR))
    for (const question of asks) {
      const known = answers.some(
        record =>
          record.type === 'PTR' &&
          sameName(record.name, question.name) &&
          sameName(record.target, owner) &&
          record.ttl >= ttl / 2
      )
      const name = known ? undefined : this._nameAsked(question.name)
      if (name !== undefined) this._tell(link, name, now)
      const isForAll = (question.class & topBit) === 0 && answers.length === 0
      if (isForAll && sameName(question.name, service)) this._questions.heard(link, now)
    }
    // Of the instance itself: SRV, TXT, or whatever else.
    if (questions.some(question => sameName(question.name, owner))) this._tell(link, service, now)
  }

  /** The name to tell, if it is one of this node's. */
  private _nameAsked(name: string): string | undefined {
    const { service, early } = this._init
    if (sameName(name, service)) return service
    if (early && sameName(name, earlyServiceTag)) return earlyServiceTag
    if (sameName(name, metaService)) return metaService
    const end = lowerCase(`._sub.${service}`)
    const asked = lowerCase(name)
    if (!asked.endsWith(end)) return undefined
    const label = asked.slice(0, -end.length)
    return this._subServices.has(label) ? subServiceName(label, service) : undefined
  }

  private _answered(message: DnsMessage, source: Source, now: number): Output[] {
    const { service, early, instance, self } = this._init
    const out: Output[] = []
    const own = `${instance}.${service}`
    for (const told of sightings(message, service, owner => this._owners.has(lowerCase(owner)))) {
      if (sameName(told.owner, own)) continue
      for (const name of told.left) this._lookups.forget(name, told.owner)
      if (told.gone) {
        const id = this.peers.goodbye(told.owner, source.address)
        if (id !== undefined) out.push({ kind: 'gone', id })
        continue
      }
      if (told.names.length > 0) this._owners.add(lowerCase(told.owner))
      if (told.texts.length > 0) out.push(...this._peer(told, source, now))
      for (const name of told.names) {
        if (sameName(name, service)) continue
        this._lookups.heard(name, told.owner, now)
        if (this._lookups.has(name)) out.push(...this._hit(name, told.owner))
      }
      out.push(...this._awaitedBy(told.owner))
    }
    for (const { owner, addresses, ttl } of early ? earlyPeers(message) : []) {
      if (sameName(owner, `${self}.${earlyServiceTag}`)) continue
      const texts = [...addresses]
      if (ttl > 0 && texts.length > 0) out.push(...this._peer({ owner, texts, ttl }, source, now))
    }
    return out
  }

  /** The peers in the addresses of one owner: one, but whoever writes may write anything. */
  private _peer(
    { owner, texts, ttl }: { owner: string; texts: string[]; ttl: number },
    source: Source,
    now: number
  ): Output[] {
    const out: Output[] = []
    const refused = new Set<Refusal>()
    const refuse = (why: Refusal, detail: string): void => {
      // One for all of a kind: a packet has room for hundreds.
      if (!refused.has(why)) out.push({ kind: 'refused', why, source: source.address, detail })
      refused.add(why)
    }
    const byPeer = new Map<string, { id: PeerId; addresses: Multiaddr[] }>()
    for (const text of texts) {
      const address = readAddress(text)
      const id = address && readPeer(address)
      if (address === undefined) refuse('no-multiaddr', text)
      else if (id === undefined) refuse('no-peer-id', text)
      else if (id.toString() !== this._init.self) {
        const { addresses } = byPeer.get(id.toString()) ?? { addresses: [] }
        byPeer.set(id.toString(), { id, addresses: [...addresses, address] })
      }
    }
    for (const [peer, { id, addresses }] of byPeer) {
      const multiaddrs = this._init.accept(addresses, source.address).map(withoutPeer)
      if (multiaddrs.length < addresses.length) refuse('address-refused', addresses.join(', '))
      if (multiaddrs.length === 0) continue
      const news = this.peers.put({ id, owner, source: source.address, multiaddrs, ttl }, now)
      if (news === 'full') refuse('too-many-peers', peer)
      else out.push({ kind: 'found', peer: this.peers.get(peer)!, news, source: source.address })
    }
    return out
  }

  private _hit(name: string, owner: string): Output[] {
    const peer = this.peers.ownedBy(owner)
    if (peer !== undefined) return [{ kind: 'hit', name: this._label(name), id: this.peers.get(peer)!.id }]
    // Its texts are in another packet.
    const key = lowerCase(owner)
    const names = this._awaited.get(key) ?? new Set()
    if (names.size < maxAwaited) names.add(name)
    if (!this._awaited.has(key) && this._awaited.size >= maxAwaited) {
      this._awaited.delete(this._awaited.keys().next().value!)
    }
    this._awaited.set(key, names)
    return []
  }

  private _awaitedBy(owner: string): Output[] {
    const names = this._awaited.get(lowerCase(owner))
    if (names === undefined || this.peers.ownedBy(owner) === undefined) return []
    this._awaited.delete(lowerCase(owner))
    return [...names].filter(name => this._lookups.has(name)).flatMap(name => this._hit(name, owner))
  }

  private _greet(link: string, now: number): void {
    this._tell(link, this._init.service, now)
    if (this._init.early) this._tell(link, earlyServiceTag, now)
  }

  private _tell(link: string, name: string, now: number): void {
    if (this._init.broadcast) this._replies.add(link, name, now)
  }

  private _ask(link: string, names: readonly string[]): Output {
    const id = this._init.randomId()
    this._own.add(String(id))
    const questions = names.map(name => ({ name, type: recordTypes.PTR, class: internetClass }))
    const packet = encodeDns({ id, flags: 0, questions, answers: [], authorities: [], additionals: [] })
    return { kind: 'send', link, packet }
  }

  /** The packets that tell these names. None where nothing of this node can be reached over the link. */
  private _packets(link: string, names: readonly string[], seconds: number): Output[] {
    const { service, instance, self, broadcast } = this._init
    const host = this._init.host(this._links.addressesOf(link))
    if (!broadcast || host.addresses.length === 0) return []
    const packets: Uint8Array[] = []
    const today = names.filter(name => name !== metaService && name !== earlyServiceTag)
    if (today.length > 0) packets.push(...answerPackets({ names: today, service, instance, host, ttl: seconds }))
    if (names.includes(metaService)) packets.push(metaPacket(metaService, service, seconds))
    if (names.includes(earlyServiceTag)) {
      const packet = earlyPacket(self, host.addresses, seconds)
      if (packet !== undefined) packets.push(packet)
    }
    return packets.map(packet => ({ kind: 'send', link, packet }))
  }

  private _key(label: string): string {
    return lowerCase(subServiceName(label, this._init.service))
  }

  private _label(name: string): string {
    return name.slice(0, name.indexOf('.'))
  }
}

function isInternet({ class: klass }: Question): boolean {
  const plain = klass & ~topBit
  return plain === internetClass || plain === anyType
}

function isAbout({ type }: Question, wanted: number): boolean {
  return type === wanted || type === anyType
}

function readPeer(address: Multiaddr): PeerId | undefined {
  try {
    const peer = p2pOf(address)
    return peer === undefined ? undefined : peerIdFromString(peer)
  } catch {
    return undefined
  }
}

function withoutPeer(address: Multiaddr): Multiaddr {
  return address.decapsulateCode(CODE_P2P)
}
