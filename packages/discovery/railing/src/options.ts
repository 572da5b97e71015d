import type { Multiaddr } from '@multiformats/multiaddr'
import { InvalidParametersError } from '@weft/errors'
import { multiaddr } from '@weft/multiaddr'

/** Options of `railing` and `bootstrap`: those of js-libp2p's bootstrap, and when to try again. */
export interface RailingInit {
  /** Addresses of known peers, each with `/p2p/<peer id>` at its end. At least one, at most 1,000. */
  list: string[]
  /** Milliseconds from the start of the node to the first announcement. @default 1000 */
  timeout?: number | undefined
  /** Name of the tag that the peers get. @default 'bootstrap' */
  tagName?: string | undefined
  /** Value of the tag: peers of higher values keep their connections longer. @default 50 */
  tagValue?: number | undefined
  /** Milliseconds after which the tag expires. @default Infinity */
  tagTTL?: number | undefined
  /** Connections below which the peers are announced and dialed again. @default 1 */
  minConnections?: number | undefined
  /** Milliseconds from the first attempt to the second; each one doubles it. @default 1000 */
  minInterval?: number | undefined
  /** Milliseconds between two attempts at most. @default 20000 */
  maxInterval?: number | undefined
  /** False to use `list` even where a list that was changed later is stored. @default true */
  useStored?: boolean | undefined
}

/** Entries of a list: more is a mistake, or not a list of bootstrap peers. */
export const maxListLength = 1000

/** Reads one entry. Throws `InvalidParametersError` that names it. */
export function readEntry(text: string): Multiaddr {
  let address: Multiaddr
  try {
    address = multiaddr(text)
  } catch (cause) {
    throw new InvalidParametersError(`list: "${text}" is no multiaddr`, { cause })
  }
  if (peerOf(address) !== undefined) return address
  throw new InvalidParametersError(`list: "${text}" does not end in /p2p/<peer id>`)
}

/** The peer id, as text, at the end of an address. */
export function peerOf(address: Multiaddr): string | undefined {
  const last = address.getComponents().at(-1)
  return last?.name === 'p2p' ? last.value : undefined
}

/** Throws `InvalidParametersError` that names the option. */
export function readList(list: unknown): Multiaddr[] {
  if (!Array.isArray(list) || list.length === 0) {
    throw new InvalidParametersError('list: at least one address of a known peer is needed')
  }
  if (list.length > maxListLength) throw new InvalidParametersError(`list: at most ${maxListLength} addresses`)
  return list.map(entry => readEntry(String(entry)))
}

/** Throws `InvalidParametersError` unless the number is one of at least `minimum`. */
export function readNumber(name: string, value: number | undefined, fallback: number, minimum = 0): number {
  const number = value ?? fallback
  if (typeof number === 'number' && number >= minimum) return number
  throw new InvalidParametersError(`${name}: a number of at least ${minimum} is needed`)
}
