import type { PeerId } from '@libp2p/interface'
import { fromHex, fromUtf8 } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { beforeAll, describe, expect, it } from 'vitest'
import packets from '../../test/vectors/packets.json' with { type: 'json' }
import { answerPackets } from './answers.ts'
import { decodeDns } from './dns-decode.ts'
import { encodeDns } from './dns-encode.ts'
import { type DnsMessage, type DnsRecord, responseFlag } from './dns-message.ts'
import type { Link } from './links.ts'
import { maxPeersOfSource } from './peer-table.ts'
import { type Output, Session, type SessionInit } from './session.ts'

const service = '_p2p._udp.local'
const lan: Link = { name: 'lan', cidrs: ['10.0.0.1/24', 'fe80::1/64'] }
const neighbour = { address: '10.0.0.2' }
let ids: PeerId[]

beforeAll(async () => {
  ids = await Promise.all(Array.from({ length: 4 }, async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
})

/** A session on one link at time 0, which has told who it is and asked three times. */
function session(options: Partial<SessionInit> = {}, links: Link[] = [lan]) {
  let id = 0
  const self = options.self ?? ids[0]!.toString()
  const made = new Session(
    {
      service,
      instance: 'me',
      interval: 10_000,
      broadcast: true,
      early: false,
      self,
      random: () => 0.5,
      randomId: () => ++id,
      host: addresses => ({
        addresses: addresses.filter(ip => !ip.includes(':')).map(ip => `/ip4/${ip}/tcp/4001/p2p/${self}`),
        ips: [Uint8Array.of(10, 0, 0, 1)]
      }),
      accept: addresses => [...addresses],
      ...options
    },
    0
  )
  made.setLinks(links, 0)
  return made
}

/** All that comes out until a time. */
function run(made: Session, until: number): Array<{ at: number; output: Output }> {
  const outputs: Array<{ at: number; output: Output }> = []
  for (let at = made.wakeAt; at <= until; at = made.wakeAt) {
    for (const output of made.tick(at)) outputs.push({ at, output })
    if (!(made.wakeAt > at)) throw new Error('it does not move on')
  }
  return outputs
}

function sent(outputs: ReadonlyArray<{ output: Output }>): DnsMessage[] {
  return outputs.flatMap(({ output }) => (output.kind === 'send' ? decodeDns(output.packet) : []))
}

const isAnswer = ({ flags }: DnsMessage): boolean => (flags & responseFlag) !== 0
const kinds = (outputs: readonly Output[]): string[] =>
  outputs.map(output => (output.kind === 'refused' ? output.why : output.kind))

function answerOf(
  id: PeerId,
  { instance = 'other', ttl = 120, names = [service], addresses = 1, host = '10.0.0.2' } = {}
) {
  const list = Array.from({ length: addresses }, (_, i) => `/ip4/${host}/tcp/${4001 + i}/p2p/${id.toString()}`)
  return answerPackets({ names, service, instance, host: { addresses: list, ips: [Uint8Array.of(10, 0, 0, 2)] }, ttl })
}

function query(name: string, { id = 999, klass = 1, answers = [] as DnsRecord[], type = 12 } = {}): Uint8Array {
  const questions = [{ name, type, class: klass }]
  return encodeDns({ id, flags: 0, questions, answers, authorities: [], additionals: [] })
}

describe('a node on its links', () => {
  it('asks at once, often at first, then once an interval, and tells who it is', () => {
    const outputs = run(session(), 60_000)
    const asked = outputs.filter(({ output }) => output.kind === 'send' && !isAnswer(decodeDns(output.packet)))
    const times = asked.map(({ at }) => Math.round(at))
    expect(times.slice(0, 4)).toEqual([70, 1120, 3220, 7420])
    for (const [i, time] of times.entries()) if (i > 4) expect(time - times[i - 1]!).toBe(10_500)
    const first = sent(outputs).find(isAnswer)!
    expect(first.answers).toMatchObject([{ type: 'PTR', name: service, target: `me.${service}`, ttl: 120 }])
    expect(first.additionals.map(({ type }) => type)).toEqual(['SRV', 'TXT', 'A'])
    const queries = sent(outputs).filter(message => !isAnswer(message))
    expect(queries[0]!.questions).toEqual([{ name: service, type: 12, class: 1 }])
    expect(queries.every(({ id }) => id !== 0)).toBe(true)
  })

  it('finds the peers that Go, JavaScript and Rust tell of, in their own form', () => {
    const made = session({}, [{ name: 'veth', cidrs: ['10.9.0.2/24'] }])
    for (const form of ['go', 'js', 'rust', 'goAnnouncement'] as const) {
      const { hex, peer } = packets[form]
      const [found] = made.receive(fromHex(hex), { address: '10.9.0.1' }, 0)
      expect(found).toMatchObject({ kind: 'found' })
      const { multiaddrs, id } = (found as Extract<Output, { kind: 'found' }>).peer
      expect(id.toString()).toBe(peer)
      expect(multiaddrs.length).toBe(1)
      expect(multiaddrs[0]!.toString()).toMatch(/^\/ip4\/10\.9\.0\.1\/tcp\/[0-9]+$/)
    }
    // What somebody is about to claim is no answer.
    const probes = made.peers.size
    made.receive(fromHex(packets.goProbe.hex), { address: '10.9.0.1' }, 0)
    expect(made.peers.size).toBe(probes)
  })

  it('answers a question once a second, however often it is asked, and each name of its own', () => {
    const made = session()
    run(made, 8000)
    for (let i = 0; i < 100; i++) made.receive(query(service), neighbour, 8500)
    expect(sent(run(made, 9400)).filter(isAnswer)).toHaveLength(1)
    made.receive(query(service), neighbour, 9500)
    made.receive(query('_P2P._UDP.local', { klass: 0x8001, type: 255 }), neighbour, 9500)
    made.receive(query('_services._dns-sd._udp.local'), neighbour, 9500)
    const answers = sent(run(made, 10_700)).filter(isAnswer)
    expect(answers.flatMap(message => message.answers.map(({ name }) => name)).toSorted()).toEqual(
      [service, '_services._dns-sd._udp.local'].toSorted()
    )
    made.receive(query(`me.${service}`, { type: 33 }), neighbour, 12_000)
    expect(sent(run(made, 12_200)).filter(isAnswer)).toHaveLength(1)
  })

  it('does not answer who knows it already, nor questions of other services, nor itself', () => {
    const made = session()
    const [first] = sent(run(made, 8000)).filter(message => !isAnswer(message))
    const known: DnsRecord[] = [{ type: 'PTR', name: service, target: `me.${service}`, ttl: 100, flush: false }]
    made.receive(query(service, { answers: known }), neighbour, 9500)
    made.receive(query('_ipp._tcp.local'), neighbour, 9500)
    made.receive(query(`_abc._sub.${service}`), neighbour, 9500)
    made.receive(encodeDns(first!), { address: '10.0.0.1' }, 9500)
    expect(sent(run(made, 9700)).filter(isAnswer)).toEqual([])
  })

  it('lets one node of a link ask for all, and answers its own question then', () => {
    const made = session()
    run(made, 8000)
    for (let at = 9000; at < 60_000; at += 9000) {
      made.receive(query(service), neighbour, at)
      run(made, at + 8999)
    }
    // Not a question of its own since.
    expect(made.wakeAt).toBeGreaterThan(60_000)
    const questions = sent(run(made, 90_000))
    expect(questions.filter(message => !isAnswer(message)).length).toBeGreaterThan(1)
    expect(questions.filter(isAnswer).length).toBeGreaterThan(1)
  })

  it('names in an answer the addresses of the link alone, and is silent where it has none', () => {
    const wlan: Link = { name: 'wlan', cidrs: ['192.168.7.1/24'] }
    const none: Link = { name: 'tun', cidrs: ['fe80::9/64'] }
    const outputs = run(session({}, [lan, wlan, none]), 8000)
    for (const { output } of outputs) {
      if (output.kind !== 'send' || !isAnswer(decodeDns(output.packet))) continue
      const texts = decodeDns(output.packet).additionals.flatMap(record =>
        record.type === 'TXT' ? record.texts.map(text => new TextDecoder().decode(text)) : []
      )
      const host = output.link === 'lan' ? '10.0.0.1' : '192.168.7.1'
      expect(output.link).not.toBe('tun')
      expect(texts).toEqual([`dnsaddr=/ip4/${host}/tcp/4001/p2p/${ids[0]!.toString()}`])
    }
  })

  it('says nothing without broadcast, and hears all the same', () => {
    const made = session({ broadcast: false })
    made.receive(query(service), neighbour, 0)
    const outputs = run(made, 20_000)
    expect(sent(outputs).filter(isAnswer)).toEqual([])
    expect(kinds(made.receive(answerOf(ids[1]!)[0]!, neighbour, 20_000))).toEqual(['found'])
    expect(made.stop()).toEqual([])
  })
})

describe('peers', () => {
  it('are put together of several packets by the name of their owner', () => {
    const made = session()
    const several = answerOf(ids[1]!, { addresses: 30 })
    expect(several.length).toBeGreaterThan(1)
    expect(several.every(({ byteLength }) => byteLength <= 1200)).toBe(true)
    const outputs = several.flatMap(packet => made.receive(packet, neighbour, 0))
    expect(kinds(outputs)).toEqual(several.map(() => 'found'))
    expect(made.peers.get(ids[1]!.toString())?.multiaddrs).toHaveLength(30)
    // The pointer in one packet, the texts in the next, as rust-libp2p's names: one label without the service.
    const pointer: DnsRecord = { type: 'PTR', name: service, target: 'alone', ttl: 360, flush: false }
    const text = fromUtf8(`dnsaddr=/ip4/10.0.0.3/tcp/1/p2p/${ids[2]!.toString()}`)
    const texts: DnsRecord = { type: 'TXT', name: 'alone', texts: [text], ttl: 360, flush: false }
    const part = (records: DnsRecord[]): Uint8Array =>
      encodeDns({ id: 0, flags: 0x8400, questions: [], answers: records, authorities: [], additionals: [] })
    expect(made.receive(part([texts]), neighbour, 0)).toEqual([])
    expect(made.receive(part([pointer]), neighbour, 0)).toEqual([])
    expect(kinds(made.receive(part([texts]), neighbour, 0))).toEqual(['found'])
  })

  it('in one packet are kept apart: who has one address has not the other', () => {
    const made = session()
    const messages = [answerOf(ids[1]!, { instance: 'a' }), answerOf(ids[2]!, { instance: 'b', host: '10.0.0.3' })]
    const [a, b] = messages.map(([packet]) => decodeDns(packet!))
    const both = encodeDns({
      ...a!,
      answers: [...a!.answers, ...b!.answers],
      additionals: [...a!.additionals, ...b!.additionals]
    })
    expect(kinds(made.receive(both, neighbour, 0))).toEqual(['found', 'found'])
    expect(made.peers.get(ids[1]!.toString())?.multiaddrs.map(String)).toEqual(['/ip4/10.0.0.2/tcp/4001'])
    expect(made.peers.get(ids[2]!.toString())?.multiaddrs.map(String)).toEqual(['/ip4/10.0.0.3/tcp/4001'])
  })

  it('are gone at a goodbye of who told of them, or when their time is over', () => {
    const made = session()
    const [hello] = answerOf(ids[1]!)
    const [goodbye] = answerOf(ids[1]!, { ttl: 0 })
    made.receive(hello!, neighbour, 0)
    expect(made.receive(goodbye!, { address: '10.0.0.66' }, 0)).toEqual([])
    expect(made.peers.size).toBe(1)
    expect(made.receive(goodbye!, neighbour, 0)).toMatchObject([{ kind: 'gone', id: ids[1] }])
    expect(made.peers.size).toBe(0)
    made.receive(hello!, neighbour, 1000)
    const gone = run(made, 130_000).filter(({ output }) => output.kind === 'gone')
    expect(gone.map(({ at }) => at)).toEqual([121_000])
  })

  it('are told goodbye when this node stops', () => {
    const made = session()
    run(made, 200)
    const [goodbye, ...more] = sent(made.stop().map(output => ({ output })))
    expect(more).toEqual([])
    expect(goodbye?.answers).toMatchObject([{ type: 'PTR', target: `me.${service}`, ttl: 0 }])
    expect(made.wakeAt).toBe(Number.POSITIVE_INFINITY)
  })

  it('are found under the early name where that is wanted, and this node tells of itself there', () => {
    const early = session({ early: true })
    const packet = sent(run(early, 200)).find(({ answers }) => answers[0]?.name === 'ipfs.local')!
    expect(packet.answers.map(({ type }) => type)).toEqual(['PTR', 'SRV', 'TXT', 'A'])
    const other = session({ early: true, self: ids[1]!.toString() })
    const [found] = other.receive(encodeDns(packet), { address: '10.0.0.1' }, 0)
    expect(found).toMatchObject({ kind: 'found', peer: { id: ids[0] } })
    expect((found as Extract<Output, { kind: 'found' }>).peer.multiaddrs.map(String)).toEqual([
      '/ip4/10.0.0.1/tcp/4001'
    ])
    expect(session({ self: ids[1]!.toString() }).receive(encodeDns(packet), { address: '10.0.0.1' }, 0)).toEqual([])
  })

  it('of another service are not found', () => {
    const made = session({ service: '_p2p-abc._udp.local' })
    expect(made.receive(answerOf(ids[1]!)[0]!, neighbour, 0)).toEqual([])
    expect(made.peers.size).toBe(0)
  })
})

describe('sub-services', () => {
  const label = '_abcdefghijklmnop'
  const name = `${label}._sub.${service}`

  it('are asked for thrice, and answered by who has them', () => {
    const asking = session()
    const holder = session({ self: ids[1]!.toString(), instance: 'holder' }, [{ name: 'lan', cidrs: ['10.0.0.2/24'] }])
    run(asking, 8000)
    run(holder, 8000)
    holder.publish(label)
    const out = asking.lookup(label, 8000)!
    const questions = sent([...out.map(output => ({ output })), ...run(asking, 9000)]).filter(m => !isAnswer(m))
    expect(questions.map(({ questions: [question] }) => question?.name)).toEqual([name, name, name])
    holder.receive(encodeDns(questions[0]!), { address: '10.0.0.1' }, 8010)
    const [answer] = sent(run(holder, 8200)).filter(isAnswer)
    expect(answer!.answers).toMatchObject([{ type: 'PTR', name, target: `holder.${service}` }])
    expect(kinds(asking.receive(encodeDns(answer!), neighbour, 8200))).toEqual(['found', 'hit'])
    // Heard a moment ago: nobody tells it again within a second.
    asking.endLookup(label)
    expect(kinds(asking.lookup(label, 8300)!)).toContain('hit')
    asking.endLookup(label)
    expect(asking.receive(encodeDns(answer!), neighbour, 12_000).some(({ kind }) => kind === 'hit')).toBe(false)
    const withdrawn = sent(holder.unpublish(label).map(output => ({ output })))
    expect(withdrawn[0]!.answers).toMatchObject([{ name, ttl: 0 }])
    asking.receive(encodeDns(withdrawn[0]!), neighbour, 12_100)
    expect(kinds(asking.lookup(label, 12_200)!)).not.toContain('hit')
    // The peer itself is still there.
    expect(asking.peers.size).toBe(1)
  })

  it('are looked up at most 64 at once', () => {
    const made = session()
    for (let i = 0; i < 64; i++) expect(made.lookup(`_${i}`, 0)).toBeDefined()
    expect(made.lookup('_64', 0)).toBeUndefined()
    made.endLookup('_0')
    expect(made.lookup('_64', 0)).toBeDefined()
  })
})

describe('hostile packets', () => {
  it('change nothing, and it is told why', () => {
    const made = session({ accept: addresses => addresses.filter(address => !address.toString().includes('127.')) })
    const wakeAt = made.wakeAt
    const refused = (packet: Uint8Array, why: string, source: { address: string } = neighbour): void => {
      expect(kinds(made.receive(packet, source, 0))).toEqual([why])
      expect(made.peers.size).toBe(0)
    }
    const [answer] = answerOf(ids[1]!)
    refused(fromHex('000084000000000100000000c00c000c0001'), 'malformed')
    refused(new Uint8Array(9001), 'malformed')
    refused(answer!, 'not-local', { address: '10.0.1.2' })
    refused(answer!, 'not-local', { address: '8.8.8.8' })
    refused(answerOf(ids[1]!, { host: '127.0.0.1' })[0]!, 'address-refused')
    const told = (text: string): Uint8Array => {
      const record: DnsRecord = { type: 'TXT', name: `x.${service}`, texts: [fromUtf8(text)], ttl: 1, flush: false }
      return encodeDns({ id: 0, flags: 0x8400, questions: [], answers: [record], authorities: [], additionals: [] })
    }
    refused(told('dnsaddr=/ip4/10.0.0.2/tcp/1'), 'no-peer-id')
    refused(told('dnsaddr=nowhere'), 'no-multiaddr')
    // Not an address, and errors of servers: nothing to tell.
    for (const packet of [told('hello'), withFlags(answer!, 0x8403), withFlags(answer!, 0xa800)]) {
      expect(made.receive(packet, neighbour, 0)).toEqual([])
    }
    expect(made.receive(answerOf(ids[0]!)[0]!, neighbour, 0)).toEqual([])
    expect([made.wakeAt, made.peers.size]).toEqual([wakeAt, 0])
  })

  it('are not read past the rate of one source, and others are', () => {
    const made = session()
    const outputs = Array.from({ length: 300 }, () => made.receive(answerOf(ids[1]!)[0]!, neighbour, 0))
    expect(outputs.filter(([output]) => output?.kind === 'refused')).toHaveLength(100)
    expect(kinds(made.receive(answerOf(ids[2]!)[0]!, { address: '10.0.0.3' }, 0))).toEqual(['found'])
  })

  it('do not fill the table from one source', async () => {
    const made = session()
    const peers = Array.from({ length: maxPeersOfSource + 20 }, (_, i) => {
      const bytes = new Uint8Array(38)
      bytes.set([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, i >> 8, i & 0xff])
      return multiaddr(Uint8Array.from([0xa5, 0x03, 38, ...bytes])).toString()
    })
    for (const [i, peer] of peers.entries()) {
      const text = fromUtf8(`dnsaddr=/ip4/10.0.0.2/tcp/1${peer}`)
      const record: DnsRecord = { type: 'TXT', name: `x${i}.${service}`, texts: [text], ttl: 120, flush: false }
      const packet = encodeDns({
        id: 0,
        flags: 0x8400,
        questions: [],
        answers: [record],
        authorities: [],
        additionals: []
      })
      made.receive(packet, neighbour, i * 100)
    }
    expect(made.peers.size).toBe(maxPeersOfSource)
  })
})

function withFlags(packet: Uint8Array, flags: number): Uint8Array {
  const changed = new Uint8Array(packet)
  changed[2] = flags >> 8
  changed[3] = flags & 0xff
  return changed
}
