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
