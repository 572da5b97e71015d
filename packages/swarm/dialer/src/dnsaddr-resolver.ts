/**
 * Resolves `/dnsaddr/<domain>` by the TXT records of `_dnsaddr.<domain>`, also where these name further ones.
 * https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md
 */
import type { MultiaddrResolver, MultiaddrResolveOptions } from '@libp2p/interface'
import type { Component, Multiaddr } from '@multiformats/multiaddr'
import type { DNS, RecordType } from '@multiformats/dns'
import { toLatin1 } from '@weft/bytes'
import { CODE_DNSADDR, CODE_P2P_CIRCUIT, multiaddr } from '@weft/multiaddr'

// Records are anyone's: without these limits a tree of them keeps a node busy for as long as its owner likes.
// Records that name records: go-libp2p's limit.
const maxDepth = 4
// Queries of one resolution.
const maxLookups = 32
// Bytes of one string of a TXT record (RFC 1035, section 3.3).
const maxStringLength = 255
// What a record of this kind begins with; others are for others.
const key = 'dnsaddr='
// Addresses of one resolution; further ones are left out.
const maxAddresses = 100

// `RecordType.TXT`, without what it stands beside.
const txt: RecordType.TXT = 16

let systemDns: Promise<DNS> | undefined

/** The resolver of `/dnsaddr`, for `connectionManager.resolvers`; it is there by default. */
export const dnsaddrResolver: MultiaddrResolver = {
  canResolve: address => address.getComponents().some(({ code }) => code === CODE_DNSADDR),

  /**
   * Addresses without `/dnsaddr`, at most 100, each with what stood before the name that was asked for, and ending as it
   * did. What is no address, too deep or
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

/** Loaded by the first name: most nodes have none, and in a browser it brings a resolver over HTTPS. */
async function ownDns(): Promise<DNS> {
  const { dns } = await import('@multiformats/dns')
  return dns()
}

async function lookUp(address: Multiaddr, options: MultiaddrResolveOptions): Promise<Multiaddr[]> {
  const components = address.getComponents()
  const at = components.findIndex(({ code }) => code === CODE_DNSADDR)
  const resolver = options.dns ?? (await (systemDns ??= ownDns()))
  const query = {
    types: [txt],
    ...(options.signal === undefined ? {} : { signal: options.signal })
  }
  const around: Around = { before: components.slice(0, at), behind: components.slice(at + 1) }
  try {
    const response = await resolver.query(`_dnsaddr.${components[at]!.value}`, query)
    const records = readRecords(response.Answer.map(({ data }) => data))
    return records.flatMap(record => placed(record, around))
  } catch (error) {
    if (isEmptyAnswer(error)) return []
    throw error
  }
}

/** What stands before and behind the name. */
interface Around {
  readonly before: Component[]
  readonly behind: Component[]
}

/**
 * An address of a record in the place of the name: what stood before the name stands before it, and it ends as the asked one
 * did. Where that goes on through a relay, the record has the relay, and may leave out the rest.
 */
function placed(record: Multiaddr, { before, behind }: Around): Multiaddr[] {
  const relayed = behind.findIndex(({ code }) => code === CODE_P2P_CIRCUIT)
  const hasCircuit = record.getComponents().some(({ code }) => code === CODE_P2P_CIRCUIT)
  let end = record
  if (!endsIn(record, behind)) {
    if (relayed < 0 || hasCircuit || !endsIn(record, behind.slice(0, relayed))) return []
    end = record.encapsulate(multiaddr(behind.slice(relayed)))
  }
  return [before.length === 0 ? end : multiaddr(before).encapsulate(end)]
}

function endsIn(address: Multiaddr, components: Component[]): boolean {
  return components.length === 0 || address.toString().endsWith(multiaddr(components).toString())
}

/**
 * The addresses of TXT records. A record of several strings is one text (RFC 7208, section 3.3, and whoever else uses TXT):
 * resolvers give it joined, as quoted strings in a row, as a list, or as one answer for each string. The last cannot be told
 * from records of their own but by their length: a string ends at 255 bytes where more follows.
 */
function readRecords(answers: readonly unknown[]): Multiaddr[] {
  const texts = answers.map(textOf)
  return texts.flatMap((text, i) => {
    if (!text.startsWith(key)) return []
    let whole = text
    for (let next = i; texts[next]!.length === maxStringLength && texts[next + 1]?.startsWith(key) === false; next++) {
      whole += texts[next + 1]!
    }
    const read = readAddress(whole) ?? readAddress(text)
    return read === undefined ? [] : [read]
  })
}

function readAddress(record: string): Multiaddr | undefined {
  try {
    return multiaddr(record.slice(key.length).trim())
  } catch {
    // Of a protocol that this version does not know, or no address at all.
    return undefined
  }
}

function textOf(data: unknown): string {
  if (Array.isArray(data))
    return data.map(part => (part instanceof Uint8Array ? toLatin1(part) : String(part))).join('')
  if (data instanceof Uint8Array) return toLatin1(data)
  const text = String(data).trim()
  // One quoted string or several; or quotes that somebody put around the whole. Others are part of the text.
  if (/^"[^"]*"(?:\s+"[^"]*")*$/.test(text)) return text.split(/"\s+"/).join('').slice(1, -1)
  return /^(["']).*\1$/s.test(text) ? text.slice(1, -1) : text
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
