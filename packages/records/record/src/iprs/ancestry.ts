/** "Signed, based on ancestry (chain)": each record links to the one before it, and the last of a chain is the best. */
import type { AbortOptions } from '@libp2p/interface'
import { compare } from '@weft/bytes'
import { InvalidParametersError, throwIfAborted } from '@weft/errors'
import { InvalidRecordError } from '@weft/interface-record-store'
import { CID } from 'multiformats/cid'
import { decodeRecordObject, isMap } from '../core/iprs-objects.ts'
import { type IprsBlock, isBlock } from './iprs-block.ts'
import { decodeIprsRecord, type IprsRecord, objectOf } from './iprs-bundle.ts'
import { type IprsScheme, type IprsTerms, invalidValidity, iprsSchemeCid } from './iprs-scheme.ts'

/** Options of `ancestryScheme`. */
export interface AncestrySchemeOptions {
  /**
   * Gives the bytes of an object that did not come with a record, or undefined. What it gives is held to the CID. Without
   * it, a record whose ancestors are missing is invalid.
   */
  fetch?: (cid: CID, options: AbortOptions) => Promise<Uint8Array | undefined>
  /** Records before the last one. Longer chains are invalid: a higher version begins a new one. @default 1024 */
  maxAncestors?: number
  /** Objects that are fetched for one record. @default 64 */
  maxFetched?: number
  /** Links that are remembered, 300 bytes each, so that records can be compared. @default 16384 */
  maxRemembered?: number
}

/** Ancestors that come with a record, unless asked for otherwise: the rest is fetched by those who never saw it. */
const defaultIncluded = 16
// Four links and a small validity take 150 bytes.
const maxAncestorLength = 1024

const cid: CID = iprsSchemeCid('ancestry')

/**
 * Comes after `previous`, a full record, and is better than it; without one it is the first of a chain. Takes its version,
 * and brings the `included` ancestors nearest to it with it. Throws `InvalidRecordError`.
 */
export function succeeding(previous?: Uint8Array, included: number = defaultIncluded): IprsTerms {
  if (previous === undefined) return { scheme: cid, validity: { previous: null } }
  const record = decodeIprsRecord(previous)
  if (!record.scheme.equals(cid)) throw invalidValidity('the record before it is not of this scheme')
  const objects: IprsBlock[] = []
  for (let next: CID | null = record.cid; next !== null && objects.length < included; ) {
    const bytes = objectOf(record, next)
    if (bytes === undefined) break
    objects.push({ cid: next, bytes })
    next = previousOf(bytes, record.version)
  }
  return { scheme: cid, validity: { previous: record.cid }, version: record.version, objects }
}

/**
 * The scheme. Of two records the one whose chain contains the other is better. Where they part, the greater hash of the two
 * that follow the common ancestor decides, for all that come after them too: only so is the order the same for everybody.
 */
export function ancestryScheme(options: AncestrySchemeOptions = {}): IprsScheme {
  const { fetch, maxAncestors = 1024, maxFetched = 64, maxRemembered = 16_384 } = options
  if (maxRemembered < 2 * maxAncestors) {
    throw new InvalidParametersError(
      'maxRemembered must be at least twice maxAncestors, or two chains cannot be compared'
    )
  }
  // From a record to the one before it.
  const links = new Map<string, CID | null>()

  const remember = (of: CID, link: CID | null): void => {
    const id = of.toString()
    // Again at the end: what was asked for last is forgotten last.
    links.delete(id)
    links.set(id, link)
    for (const oldest of links.keys()) {
      if (links.size <= maxRemembered) break
      links.delete(oldest)
    }
  }

  /** Before `of`, as far as it is known without fetching. */
  const known = (of: CID, version: number, records: readonly IprsRecord[]): CID | null | undefined => {
    for (const record of records) {
      const bytes = objectOf(record, of)
      if (bytes !== undefined) return previousOf(bytes, version)
    }
    return links.get(of.toString())
  }

  /** From the first of the chain to the record. */
  const chainOf = (record: IprsRecord, records: readonly IprsRecord[]): CID[] => {
    const chain = [record.cid]
    for (let next = previousIn(record); next !== null; ) {
      if (chain.length > maxAncestors) throw tooLong(maxAncestors)
      chain.push(next)
      const link = known(next, record.version, records)
      if (link === undefined) throw missing(next)
      next = link
    }
    return chain.reverse()
  }

  return {
    name: 'ancestry',
    cid,
    async validate(record, abort = {}) {
      let fetched = 0
      let ancestors = 0
      const found: [CID, CID | null][] = [[record.cid, previousIn(record)]]
      for (let next = found[0]![1]; next !== null; ) {
        throwIfAborted(abort.signal)
        if (++ancestors > maxAncestors) throw tooLong(maxAncestors)
        let link = known(next, record.version, [record])
        if (link === undefined) {
          if (fetch === undefined) throw missing(next)
          if (++fetched > maxFetched) {
            throw new InvalidRecordError('ERR_INVALID_RECORD', `more than ${maxFetched} ancestors are missing`)
          }
          link = previousOf(await take(fetch, next, abort), record.version)
        }
        found.push([next, link])
        next = link
      }
      for (const [of, link] of found) remember(of, link)
    },
    compare(a, b) {
      const [one, other] = [chainOf(a, [a, b]), chainOf(b, [a, b])]
      const shorter = Math.min(one.length, other.length)
      for (let i = 0; i < shorter; i++) {
        const order = compare(one[i]!.bytes, other[i]!.bytes)
        if (order !== 0) return order
      }
      return one.length - other.length
    }
  }
}

async function take(
  fetch: NonNullable<AncestrySchemeOptions['fetch']>,
  cid: CID,
  options: AbortOptions
): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined
  try {
    bytes = await fetch(cid, options)
  } catch (cause) {
    throwIfAborted(options.signal)
    throw missing(cid, cause)
  }
  throwIfAborted(options.signal)
  if (bytes === undefined) throw missing(cid)
  if (bytes.byteLength > maxAncestorLength || !isBlock({ cid, bytes })) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', `what was fetched is not ${cid.toString()}`)
  }
  return bytes
}

/** Of an ancestor: a record of the same scheme and version. Throws `InvalidRecordError`. */
function previousOf(bytes: Uint8Array, version: number): CID | null {
  try {
    const object = decodeRecordObject(bytes)
    if (!object.scheme.equals(cid)) throw new Error('it is of another scheme')
    if (object.version !== version) throw new Error('it is of another version')
    return previousIn(object)
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'an ancestor of the record is no such record', { cause })
  }
}

function previousIn({ validity }: { validity: unknown }): CID | null {
  const previous = isMap(validity) && Object.keys(validity).length === 1 ? validity['previous'] : undefined
  if (previous === null) return null
  const link = CID.asCID(previous)
  if (link === null) throw invalidValidity('it is no map of previous, a link or null')
  return link
}

function missing(of: CID, cause?: unknown): InvalidRecordError {
  return new InvalidRecordError('ERR_INVALID_RECORD', `the ancestor ${of.toString()} is missing`, { cause })
}

function tooLong(most: number): InvalidRecordError {
  return new InvalidRecordError('ERR_INVALID_RECORD', `the record has more than ${most} ancestors`)
}
