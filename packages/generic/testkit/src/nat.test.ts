import { describe, expect, it } from 'vitest'
import { type NatKind, Network, type StreamEnd, VirtualClock } from './index.ts'

const kinds: readonly NatKind[] = [
  'none',
  'firewall',
  'full-cone',
  'address-restricted',
  'port-restricted',
  'port-restricted-reset',
  'symmetric'
]

const relay = '41.1.0.10:7000'
const places = { a: '10.1.0.2:4001', b: '10.2.0.2:4001' }

/** Two hosts, each behind its NAT, and a relay that sees from where they write. */
function lab(a: NatKind, b: NatKind): { clock: VirtualClock; network: Network } {
  const clock = new VirtualClock()
  const network = new Network({ clock, seed: 1, link: { latency: 30 } })
  network.addNat({ kind: a, outside: '41.1.1.1', inside: ['10.1.0.2'] })
  network.addNat({ kind: b, outside: '41.1.2.1', inside: ['10.2.0.2'] })
  return { clock, network }
}

/** Whether datagrams come through both ways: `first` says who sends to the other's observed address, and when. */
function datagrams(a: NatKind, b: NatKind, first: { a?: number; b?: number }): boolean {
  const { clock, network } = lab(a, b)
  const seen: { [name: string]: string } = {}
  const heard = new Set<string>()
  network.bind(relay, (from, bytes) => (seen[String.fromCharCode(bytes[0]!)] = from))
  const bound = (name: 'a' | 'b') => {
    const endpoint = network.bind(places[name], (from, bytes) => {
      heard.add(name)
      // A greeting is answered to where it came from.
      if (bytes[0] === 0) endpoint.send(from, Uint8Array.of(1))
    })
    endpoint.send(relay, new TextEncoder().encode(name))
    return endpoint
  }
  const ends = { a: bound('a'), b: bound('b') }
  clock.runUntilIdle()
  for (const [name, other] of [
    ['a', 'b'],
    ['b', 'a']
  ] as const) {
    const at = first[name]
    // Twice, as whoever punches does.
    if (at === undefined) continue
    for (const wait of [at, at + 500]) clock.setTimeout(() => ends[name].send(seen[other]!, Uint8Array.of(0)), wait)
  }
  clock.runUntilIdle()
  return heard.size === 2
}

interface TcpTry {
  listening: boolean
  a?: number
  b?: number
  retry?: number
}

/** Whether a connection comes to be, and bytes both ways. */
function tcp(a: NatKind, b: NatKind, how: TcpTry): boolean {
  const { clock, network } = lab(a, b)
  const seen: { [name: string]: string } = {}
  const echoed = new Set<string>()
  const use = (name: string, end: StreamEnd): void => {
    end.handler = { onData: () => echoed.add(name) }
    end.write(Uint8Array.of(1))
  }
  const onFailure = (): void => {}
  const waiting = ['a', 'b']
  network.tcp.listen(relay, (_end, remote) => (seen[waiting.shift()!] = remote))
  for (const name of ['a', 'b'] as const) {
    network.tcp.dial(places[name], relay, { onOpen() {}, onFailure })
    if (how.listening) network.tcp.listen(places[name], end => use(name, end))
    clock.runUntilIdle()
  }
  const dial = (name: 'a' | 'b', other: 'a' | 'b', tries: number): void => {
    network.tcp.dial(places[name], seen[other]!, {
      onOpen: end => use(name, end),
      onFailure: reason => {
        if (reason === 'refused' && tries > 0) clock.setTimeout(() => dial(name, other, tries - 1), how.retry ?? 20)
      }
    })
  }
  for (const [name, other] of [
    ['a', 'b'],
    ['b', 'a']
  ] as const) {
    const at = how[name]
    if (at !== undefined) clock.setTimeout(() => dial(name, other, how.retry === undefined ? 0 : 20), at)
  }
  clock.runUntilIdle()
  return echoed.size === 2
}

/** One line for each kind of A; behind it the kinds of B that come through. */
function table(through: (a: NatKind, b: NatKind) => boolean): { [a: string]: string } {
  const short = (kind: NatKind): string => kind.replace(/-(restricted|cone)/, '')
  return Object.fromEntries(
    kinds.map(a => [
      short(a),
      kinds
        .filter(b => through(a, b))
        .map(short)
        .join(' ')
    ])
  )
}

const open = 'none full'
const all = 'none firewall full address port port-reset symmetric'
const notSymmetric = 'none firewall full address port port-reset'

const punched = {
  none: all,
  firewall: notSymmetric,
  full: all,
  address: all,
  port: notSymmetric,
  'port-reset': notSymmetric,
  symmetric: 'none full address'
}

describe('NATs', () => {
  it('let datagrams in unasked where the far side is open', () => {
    const expected = Object.fromEntries(Object.keys(punched).map(a => [a, open]))
    expect(table((a, b) => datagrams(a, b, { a: 0 }))).toEqual(expected)
  })

  it('let datagrams in when both sides send, but from one that is symmetric only where ports do not count', () => {
    expect(table((a, b) => datagrams(a, b, { a: 0, b: 0 }))).toEqual(punched)
  })

  it('let a connection in unasked where the far side is open and listens', () => {
    const expected = Object.fromEntries(Object.keys(punched).map(a => [a, open]))
    expect(table((a, b) => tcp(a, b, { listening: true, a: 0 }))).toEqual(expected)
    const none = Object.fromEntries(Object.keys(punched).map(a => [a, '']))
    expect(table((a, b) => tcp(a, b, { listening: false, a: 0 }))).toEqual(none)
  })

  it('let a connection through when both dial at once and listen on the port that they dial from', () => {
    expect(table((a, b) => tcp(a, b, { listening: true, a: 0, b: 0 }))).toEqual(punched)
  })

  it('let SYNs that cross open a connection without a listener, but from no symmetric one', () => {
    const crossed = Object.fromEntries(Object.keys(punched).map(a => [a, a === 'symmetric' ? '' : notSymmetric]))
    expect(table((a, b) => tcp(a, b, { listening: false, a: 0, b: 0 }))).toEqual(crossed)
  })

  it('that answer refuse a SYN that is early, and a retry that crosses comes through', () => {
    const early = { listening: false, a: 0, b: 100 }
    expect(tcp('port-restricted', 'port-restricted-reset', { ...early })).toBe(false)
    expect(tcp('port-restricted', 'port-restricted-reset', { ...early, retry: 20 })).toBe(true)
    expect(tcp('port-restricted', 'port-restricted', { ...early })).toBe(true)
  })

  it('that answer spoil the port for a datagram that is early, until their entry is forgotten', () => {
    expect(datagrams('port-restricted', 'port-restricted', { a: 0, b: 100 })).toBe(true)
    expect(datagrams('port-restricted', 'port-restricted-reset', { a: 0, b: 100 })).toBe(false)
    expect(datagrams('address-restricted', 'port-restricted-reset', { a: 0, b: 100 })).toBe(true)
  })

  it('forget a mapping in time, and what is sent or heard keeps it', () => {
    const { clock, network } = lab('port-restricted', 'none')
    let heard = 0
    let seen = ''
    const a = network.bind(places.a, () => heard++)
    const b = network.bind(places.b, from => (seen = from))
    a.send(places.b, Uint8Array.of(1))
    clock.runUntilIdle()
    for (let i = 0; i < 3; i++) {
      clock.advance(29_000)
      b.send(seen, Uint8Array.of(2))
      clock.runUntilIdle()
    }
    expect(heard).toBe(3)
    clock.advance(30_001)
    b.send(seen, Uint8Array.of(2))
    clock.runUntilIdle()
    expect(heard).toBe(3)
    expect(network.log.events.at(-1)).toMatchObject({ kind: 'drop', detail: 'nat' })
  })

  it('keep the port of the source while it is free, and hosts behind one reach each other', () => {
    const clock = new VirtualClock()
    const network = new Network({ clock, seed: 1 })
    network.addNat({ kind: 'port-restricted', outside: '41.1.1.1', inside: ['10.0.0.1', '10.0.0.2'] })
    const seen: string[] = []
    network.bind(relay, from => seen.push(from))
    const [one, two] = ['10.0.0.1:4001', '10.0.0.2:4001'].map(name => network.bind(name, from => seen.push(from)))
    one!.send(relay, Uint8Array.of(1))
    two!.send(relay, Uint8Array.of(1))
    one!.send('10.0.0.2:4001', Uint8Array.of(1))
    clock.runUntilIdle()
    expect([seen[0], seen[2]]).toEqual(['41.1.1.1:4001', '10.0.0.1:4001'])
    expect(seen[1]).toMatch(/^41\.1\.1\.1:(?!4001$)\d+$/)
  })

  it('give the same ports for the same seed', () => {
    const ports = (): string => {
      const { clock, network } = lab('symmetric', 'none')
      const a = network.bind(places.a, () => {})
      for (let port = 1; port < 20; port++) a.send(`10.2.0.2:${port}`, Uint8Array.of(1))
      clock.runUntilIdle()
      return network.log.toString()
    }
    expect(ports()).toBe(ports())
  })

  it('leave private addresses without a way in, and a host has one NAT', () => {
    const { clock, network } = lab('full-cone', 'none')
    network.bind(places.a, () => expect.unreachable())
    network.bind(places.b, () => {}).send(places.a, Uint8Array.of(1))
    clock.runUntilIdle()
    expect(network.log.count('drop')).toBe(1)
    expect(() => network.addNat({ kind: 'none', outside: 'x', inside: ['10.1.0.2'] })).toThrow('10.1.0.2')
  })
})

describe('handshakes of TCP', () => {
  it('are sent again when they are lost, and given up after 127 s', () => {
    const clock = new VirtualClock()
    const network = new Network({ clock, seed: 1, link: { latency: 10 } })
    const told: string[] = []
    network.partition(['a:1'], ['b:1'])
    network.tcp.listen('b:1', () => {})
    const dial = (): void => {
      network.tcp.dial('a:1', 'b:1', {
        onOpen: () => told.push(`open at ${clock.now}`),
        onFailure: reason => told.push(`${reason} at ${clock.now}`)
      })
    }
    dial()
    clock.setTimeout(() => network.heal(), 500)
    clock.runUntilIdle()
    network.partition(['a:1'], ['b:1'])
    dial()
    clock.runUntilIdle()
    expect(told).toEqual(['open at 1020', 'timeout at 128030'])
  })

  it('of a host without listener are refused, and a dial that is closed tells nothing', () => {
    const clock = new VirtualClock()
    const network = new Network({ clock, seed: 1, link: { latency: 10 } })
    const told: string[] = []
    const handler = { onOpen: () => expect.unreachable(), onFailure: (reason: string) => told.push(reason) }
    network.tcp.dial('a:1', 'b:1', handler)
    network.tcp.dial('a:1', 'b:2', handler).close()
    clock.runUntilIdle()
    expect(told).toEqual(['refused'])
  })
})
