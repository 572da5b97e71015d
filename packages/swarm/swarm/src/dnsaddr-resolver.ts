/**
 * Resolves `/dnsaddr/<domain>` by the TXT records of `_dnsaddr.<domain>`, also where these name further ones.
 * https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md
 */
import type { MultiaddrResolver, MultiaddrResolveOptions } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { type DNS, dns, RecordType } from '@multiformats/dns'
import { CODE_DNSADDR, multiaddr } from '@weft/multiaddr'

// Records are anyone's: without these limits a tree of them keeps a node busy for as long as its owner likes.
// Records that name records: go-libp2p's limit.
const maxDepth = 4
// Queries of one resolution.
const maxLookups = 32
// Addresses of one resolution; further ones are left out.
const maxAddresses = 100

let systemDns: DNS | undefined

/** The resolver of `/dnsaddr`, for `connectionManager.resolvers`; it is there by default. */
export const dnsaddrResolver: MultiaddrResolver = {
  canResolve: address => address.getComponents().some(({ code }) => code === CODE_DNSADDR),

  /**
   * Addresses without `/dnsaddr`, at most 100, each ending as the one that was asked for. What is no address, too deep or
   * too much is left out. Rejects if the first query fails; a domain without records gives nothing.
   */
  async resolve(address, options) {
    const found = new Map<string, Multiaddr>()
    let level = [address]
    let lookups = 0
    for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
      const queries = level.slice(0, maxLookups - lookups)
      lookups += queries.length
      const results = await Promise.allSettled(queries.map(async query => lookUp(query, options)))
      if (depth === 0 && results[0]?.status === 'rejected') throw results[0].reason
      options.signal?.throwIfAborted()
      level = []
      for (const result of results) {
        for (const answer of result.status === 'fulfilled' ? result.value : []) {
          if (dnsaddrResolver.canResolve(answer)) level.push(answer)
          else if (found.size < maxAddresses) found.set(answer.toString(), answer)
        }
      }
    }
    return [...found.values()]
  }
}

async function lookUp(address: Multiaddr, options: MultiaddrResolveOptions): Promise<Multiaddr[]> {
  const components = address.getComponents()
  const at = components.findIndex(({ code }) => code === CODE_DNSADDR)
  // What stands behind the name must end each answer.
  const suffix = multiaddr(components.slice(at + 1)).toString()
  const resolver = options.dns ?? (systemDns ??= dns())
  const query = {
    types: [RecordType.TXT],
    ...(options.signal === undefined ? {} : { signal: options.signal })
  }
  try {
    const response = await resolver.query(`_dnsaddr.${components[at]!.value}`, query)
    return response.Answer.flatMap(({ data }) => readRecord(data)).filter(
      answer => suffix === '/' || answer.toString().endsWith(suffix)
    )
  } catch (error) {
    if (isEmptyAnswer(error)) return []
    throw error
  }
}

function readRecord(text: string): Multiaddr[] {
  const [key, value] = text.replaceAll(/["']/g, '').trim().split('=')
  if (key !== 'dnsaddr' || value === undefined) return []
  try {
    return [multiaddr(value)]
  } catch {
    // Of a protocol that this version does not know, or no address at all.
    return []
  }
}

function isEmptyAnswer(error: unknown): boolean {
  const { name, errors } = error as { name?: string; errors?: unknown }
  return (
    name === 'DNSQueryFailedError' &&
    Array.isArray(errors) &&
    errors.length > 0 &&
    errors.every(inner => inner?.name === 'EmptyDNSAnswerError')
  )
}
