/** Reads what is given on the command line. Throws `UsageError`. */
import { type Multiaddr, multiaddr, p2pOf } from '@weft/multiaddr'
import { type PeerId, peerIdFromString } from '@weft/peer-id'
import { UsageError } from './errors.ts'
import { dialTarget } from './targets.ts'

const example = '/ip4/127.0.0.1/tcp/4001/p2p/12D3Koo...'

export function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch (error) {
    throw new UsageError(`"${text}" is no multiaddr, such as ${example}: ${(error as Error).message}`, error)
  }
}

export function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text)
  } catch (error) {
    throw new UsageError(`"${text}" is no peer id, such as 12D3Koo...: ${(error as Error).message}`, error)
  }
}

/** The addresses of one peer. */
export function parseAddresses(texts: readonly string[]): Multiaddr[] {
  const addresses = texts.map(parseAddress)
  const [id, ...others] = addresses.map(p2pOf)
  if (others.every(other => other === id)) return addresses
  throw new UsageError('the addresses are of different peers: one peer is dialed at a time')
}

/** The addresses and the id of one peer, as they are. */
export function parseTargets(texts: readonly string[]): readonly string[] {
  for (const text of texts) {
    if (text.startsWith('/')) parseAddress(text)
    else parsePeerId(text)
  }
  try {
    dialTarget(texts)
  } catch (error) {
    throw new UsageError((error as Error).message, error)
  }
  return texts
}

/** A number of bytes: digits, and k, M or G for thousands, Ki, Mi or Gi for 1024s. */
export function parseBytes(text: string): number {
  const [, digits, unit, binary] = /^(\d+)(?:([kKMG])(i?))?B?$/.exec(text) ?? []
  const power = unit === undefined ? 0 : 'kMG'.indexOf(unit.replace('K', 'k')) + 1
  const value = Number(digits) * (binary === 'i' ? 1024 : 1000) ** power
  if (digits !== undefined && Number.isSafeInteger(value)) return value
  throw new UsageError(`"${text}" is no number of bytes, such as 5000, 10M or 1Gi`)
}

/** A whole number in a range. */
export function parseCount(text: string, minimum: number, maximum: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value
  throw new UsageError(`"${text}" is no whole number from ${minimum} to ${maximum}`)
}
