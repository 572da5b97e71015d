import type { Logger } from '@libp2p/interface'
import type { DNS } from '@multiformats/dns'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { alice, bob, fakeLogger } from '../../interface-node/test/fakes.ts'
import { dnsaddrResolver } from './dnsaddr-resolver.ts'

const log: Logger = fakeLogger().forComponent('test')

function resolve(address: string, records: (name: string) => string[] | Error): { found: Promise<string[]>; dns: DNS } {
  const dns = {
    query: vi.fn(async (name: string) => {
      const found = records(name)
      if (found instanceof Error) throw found
      return { Answer: found.map(data => ({ name, type: 16, TTL: 1, data })) }
    })
  } as unknown as DNS
  const found = dnsaddrResolver.resolve(multiaddr(address), { dns, log }).then(list => list.map(String))
  return { found, dns }
}

describe('dnsaddr', () => {
  it('gives the addresses of the TXT records, with the peer that was asked for', async () => {
    const a = `/ip4/1.2.3.4/tcp/1/p2p/${alice.toString()}`
    const b = `/ip4/1.2.3.4/tcp/1/p2p/${bob.toString()}`
    const records = (): string[] => [`"dnsaddr=${a}"`, `dnsaddr=${b}`, 'dnsaddr=nonsense', 'dnsaddr', `dnslink=${a}`]
    const asked = resolve('/dnsaddr/a.example', records)
    expect(await asked.found).toEqual([a, b])
    expect(asked.dns.query).toHaveBeenCalledWith('_dnsaddr.a.example', { types: [16] })
    expect(await resolve(`/dnsaddr/a.example/p2p/${bob.toString()}`, records).found).toEqual([b])
    expect(dnsaddrResolver.canResolve(multiaddr(a))).toBe(false)
    expect(dnsaddrResolver.canResolve(multiaddr('/dnsaddr/a.example'))).toBe(true)
  })

  it('follows records that name records, though not in a circle', async () => {
    const tree: Record<string, string[]> = {
      '_dnsaddr.a.example': ['dnsaddr=/dnsaddr/b.example', 'dnsaddr=/dnsaddr/bad.example'],
      '_dnsaddr.b.example': ['dnsaddr=/ip4/1.1.1.1/tcp/1', 'dnsaddr=/dnsaddr/a.example']
    }
    const { found, dns } = resolve('/dnsaddr/a.example', name => tree[name] ?? new Error('no such name'))
    expect(await found).toEqual(['/ip4/1.1.1.1/tcp/1'])
    expect(vi.mocked(dns.query).mock.calls.length).toBeLessThanOrEqual(8)
  })

  // protocols/DNSADDR.md, "Example".
  it('resolves records that name records, each with its peer', async () => {
    const [one, two] = [`/tcp/4001/p2p/${alice.toString()}`, `/tcp/4001/p2p/${bob.toString()}`]
    const tree: Record<string, string[]> = {
      '_dnsaddr.example.org': [`dnsaddr=/dnsaddr/a.example.org${one}`, `dnsaddr=/dnsaddr/b.example.org${two}`],
      '_dnsaddr.a.example.org': [`dnsaddr=/ip6/2606:4700::1${one}`, `dnsaddr=/ip4/8.8.8.8${one}`],
      '_dnsaddr.b.example.org': [`dnsaddr=/ip4/9.9.9.9${two}`, `dnsaddr=/ip4/9.9.9.9${one}`]
    }
    const records = (name: string): string[] => tree[name]!
    const all = [`/ip6/2606:4700::1${one}`, `/ip4/8.8.8.8${one}`, `/ip4/9.9.9.9${two}`]
    expect(await resolve('/dnsaddr/example.org', records).found).toEqual(all)
    expect(await resolve(`/dnsaddr/example.org/p2p/${bob.toString()}`, records).found).toEqual(all.slice(2))
  })

  it('keeps what stands before the name, and a relayed address relayed', async () => {
    const relay = `/ip4/1.2.3.4/tcp/1/p2p/${alice.toString()}`
    const circuit = `/p2p-circuit/p2p/${bob.toString()}`
    const records = (): string[] => [`dnsaddr=${relay}`, `dnsaddr=/ip4/9.9.9.9/tcp/1/p2p/${bob.toString()}`]
    const through = await resolve(`/dnsaddr/relay.example/p2p/${alice.toString()}${circuit}`, records).found
    expect(through).toEqual([relay + circuit])
    const whole = await resolve(`/dnsaddr/a.example${circuit}`, () => [`dnsaddr=${relay}${circuit}`]).found
    expect(whole).toEqual([relay + circuit])
    const before = await resolve(`${relay}/p2p-circuit/dnsaddr/a.example`, () => ['dnsaddr=/ip4/10.0.0.1/tcp/2']).found
    expect(before).toEqual([`${relay}/p2p-circuit/ip4/10.0.0.1/tcp/2`])
  })

  it('reads a record behind the first "=", and takes away no quotes but those around it', async () => {
    const value = '/unix/%22a%22%3D'
    const path = `/unix/${encodeURIComponent('it\'s="x"')}`
    const memory = '/memory/"b"=c'
    const records = (): string[] => [`"dnsaddr=${value}"`, `'dnsaddr=${path}'`, `dnsaddr=${memory}`, 'xdnsaddr=/ws']
    expect(await resolve('/dnsaddr/a.example', records).found).toEqual([value, path, memory])
  })

  it('joins the strings of one record, however the resolver gives them', async () => {
    const hashes = `/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ`.repeat(4)
    const text = `dnsaddr=/ip4/1.2.3.4/udp/1/quic-v1/webtransport${hashes}/p2p/${alice.toString()}`
    const [first, rest] = [text.slice(0, 255), text.slice(255)]
    const whole = [text.slice('dnsaddr='.length)]
    const answers: unknown[][] = [
      [first, rest],
      [`"${first}" "${rest}"`],
      [[first, rest]],
      [[new TextEncoder().encode(first), new TextEncoder().encode(rest)]]
    ]
    for (const given of answers) expect(await resolve('/dnsaddr/a', () => given as string[]).found).toEqual(whole)
    // A record of exactly 255 bytes before one of another kind.
    const full = `dnsaddr=/memory/${'a'.repeat(239)}`
    expect(full).toHaveLength(255)
    expect(await resolve('/dnsaddr/a', () => [full, 'v=spf1 -all']).found).toEqual([full.slice(8)])
  })

  // dnsaddr bombs: a tree of 16 names in each record, endlessly deep.
  it('ends after 32 queries and 100 addresses', async () => {
    let made = 0
    const { found, dns } = resolve('/dnsaddr/a.example', () =>
      Array.from(
        { length: 32 },
        () => `dnsaddr=${made++ % 2 ? `/dnsaddr/n${made}.example` : `/ip4/1.1.1.1/tcp/${made}`}`
      )
    )
    expect(await found).toHaveLength(100)
    expect(dns.query).toHaveBeenCalledTimes(32)
  })

  it('gives nothing for a name without records, and throws where the query fails', async () => {
    const empty = Object.assign(new Error(), { name: 'EmptyDNSAnswerError' })
    const failed = Object.assign(new Error('DNS'), { name: 'DNSQueryFailedError', errors: [empty] })
    expect(await resolve('/dnsaddr/a.example', () => failed).found).toEqual([])
    await expect(resolve('/dnsaddr/a.example', () => new Error('no network')).found).rejects.toThrow('no network')
  })
})
