/** Errors for people: each fact once, in lines of at most 100 columns, with what mends it. */
import type { DialFacts } from '@weft/errors'
import { oneLine, wrap } from './terminal/text.ts'

const width = 100
// Of a peer with a hundred addresses nobody reads all reasons.
const maxParts = 10
const maxDepth = 10

/** What to do about an error, by its name or system code. */
const advice = new Map([
  ['ECONNREFUSED', 'nothing listens there: check the address and the node'],
  ['EHOSTUNREACH', 'no way leads to that host: check the address and the network'],
  ['ENETUNREACH', 'no way leads to that network: check the address and the network'],
  ['ENOTFOUND', 'the name has no address: check its spelling'],
  ['EADDRINUSE', 'another program has that port: choose another with --listen'],
  ['EADDRNOTAVAIL', 'this machine has no such address: choose another with --listen'],
  ['EACCES', 'this user may not do that: choose another port or folder, or change the rights'],
  ['EROFS', 'the file system is read-only: choose another folder with --dir'],
  ['ENOTDIR', 'a part of that path is no folder: choose another with --dir'],
  ['ENOSPC', 'the disk is full: make room, or choose another folder with --dir'],
  ['TimeoutError', 'no answer came in time: check the address, and that no firewall is in between'],
  ['UnexpectedPeerError', 'another peer answers there: check the peer id at the end of the address'],
  ['UnsupportedProtocolError', 'the peer does not speak that protocol'],
  ['UnsupportedListenAddressError', 'no transport listens on it: choose an address with /tcp with --listen'],
  ['TransportUnavailableError', 'use an address with /tcp'],
  ['NoValidAddressesError', 'use an address with /tcp']
])

/** An address, and what became of it. */
interface Part {
  address: string
  reason: string
}

/** An error in lines: what happened, for each address where there are several, and what to do where it is known. */
export function explain(error: unknown): string[] {
  const parts = partsOf(error)
  const [first, ...others] = parts
  if (first === undefined) return folded(whole(error))
  if (others.length === 0) return folded(`${first.address}: ${withHint(first.reason, error)}`)
  const peer = commonPeer(parts)
  const heading = isListenError(error) ? 'cannot listen:' : `no address${peer === '' ? '' : ` of ${peer}`} connected:`
  const lines = parts.slice(0, maxParts).map(({ address, reason }) => `${withoutEnd(address, peer)}: ${reason}`)
  if (parts.length > maxParts) lines.push(`and ${parts.length - maxParts} more`)
  return [heading, ...lines.flatMap(line => folded(line).map(text => `  ${text}`))]
}

/** The same as one text. */
export function describe(error: unknown): string {
  return explain(error)
    .map(line => line.trim())
    .join(' ')
}

function partsOf(error: unknown): Part[] {
  if (isListenError(error)) {
    return [...error.failures].map(([address, cause]) => ({ address, reason: reasonOf(cause, address) }))
  }
  // Of a dial, whatever its name.
  const { attempts = [], skipped = [] } = Object(error) as Partial<DialFacts>
  return [
    ...attempts.map(({ address, error: cause }) => ({ address, reason: reasonOf(cause, address) })),
    ...skipped.map(({ address, reason }) => ({ address, reason: oneLine(reason) }))
  ]
}

function isListenError(error: unknown): error is { failures: ReadonlyMap<string, unknown> } {
  return (Object(error) as { failures?: unknown }).failures instanceof Map
}

/** What happened at an address, which is named before it: what mends it, or else the reason without the address. */
function reasonOf(error: unknown, address: string): string {
  const chain = causes(error)
  const said = chain.find(({ message }) => message !== '' && !message.includes(address)) ?? chain.at(-1)
  return hintOf(error) ?? oneLine(said?.message ?? String(error))
}

function whole(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error)
  return withHint(oneLine(message), error)
}

function withHint(text: string, error: unknown): string {
  const hint = hintOf(error)
  // What a command found says itself what to do.
  if (hint === undefined || text.includes(hint) || text.includes(': choose another')) return text
  // The text may end with the code already.
  const code = /^(E[A-Z]+), /.exec(hint)?.[1] ?? ''
  return `${text} (${code !== '' && text.includes(code) ? hint.slice(code.length + 2) : hint})`
}

function hintOf(error: unknown): string | undefined {
  const chain = causes(error)
  for (const { name, code = '' } of chain.toReversed()) {
    const [ofSystem, ofName] = [advice.get(code), advice.get(name)]
    if (ofSystem !== undefined) return `${code}, ${ofSystem}`
    if (ofName !== undefined) return ofName
  }
  return undefined
}

type Cause = Error & { code?: string }

/** An error and what led to it, at most ten. */
function causes(error: unknown): Cause[] {
  const found: Cause[] = []
  for (let next = error; next instanceof Error && found.length < maxDepth; next = next.cause) found.push(next)
  return found
}

/**
 * Within the width, with `weft: ` before the first line and two columns before the others. It breaks where a clause ends:
 * a command to copy stays in one line, however long it is.
 */
export function folded(text: string): string[] {
  const most = width - 'weft: '.length
  const lines: string[] = []
  for (const clause of text.split(/(?<=[:;]) | (?=\()/)) {
    const longer = `${lines.at(-1) ?? ''} ${clause}`
    if (lines.length > 0 && longer.length <= most) lines[lines.length - 1] = longer
    else lines.push(...(clause.includes('`') ? [clause] : wrap(clause, most)))
  }
  return lines.map((line, i) => (i === 0 ? line : `  ${line}`))
}

/** The peer at the end of all addresses; empty if there is none. */
function commonPeer(parts: readonly Part[]): string {
  const [peer = '', ...others] = parts.map(({ address }) => /\/p2p\/([^/]+)$/.exec(address)?.[1] ?? '')
  return others.every(other => other === peer) ? peer : ''
}

function withoutEnd(address: string, peer: string): string {
  return peer !== '' && address.endsWith(`/p2p/${peer}`) ? address.slice(0, -`/p2p/${peer}`.length) || address : address
}
