/** "Signed, with cryptographic freshness": the signature is over something that nobody could know before its time. */
import { toHex } from '@weft/bytes'
import { InvalidParametersError } from '@weft/errors'
import { InvalidRecordError } from '@weft/interface-record-store'
import type { CID } from 'multiformats/cid'
import type { IprsClock } from './date-range.ts'
import type { IprsRecord } from './iprs-bundle.ts'
import {
  type IprsScheme,
  type IprsTerms,
  invalidValidity,
  iprsSchemeCid,
  readAmount,
  readValidityMap,
  writeAmount
} from './iprs-scheme.ts'

/** Says when a value that could not be known before became known: a nonce of this verifier, a round of a public beacon. */
export interface IprsBeacon {
  /** Milliseconds since 1970, or undefined for what it never said, or no longer knows. */
  timeOf(value: Uint8Array): number | undefined
}

/** Options of `freshnessScheme`. */
export interface FreshnessSchemeOptions extends IprsClock {
  /** What signatures have to be over. */
  beacon: IprsBeacon
  /** Milliseconds after which a signature is no longer fresh for this verifier. @default 600000, 10 minutes */
  maxAge?: number
}

/** Bytes of a nonce or of a round of a beacon. */
export const maxBeaconLength = 128

const cid: CID = iprsSchemeCid('freshness')

/**
 * Valid for those who know the value: a nonce that they gave, or a round of a beacon that they follow. `maxAge` are the
 * milliseconds after which the signer no longer stands by it; a verifier's own may be shorter.
 */
export function freshBy(value: Uint8Array, maxAge: number = Number.POSITIVE_INFINITY): IprsTerms {
  return { scheme: cid, validity: { beacon: checkBeacon(value), maxAge: writeAmount('maxAge', maxAge) } }
}

/** The scheme. Of two records the one with the later value is better. */
export function freshnessScheme(options: FreshnessSchemeOptions): IprsScheme {
  const { beacon, maxAge = 10 * 60 * 1000, now = Date.now } = options
  return {
    name: 'freshness',
    cid,
    validate(record) {
      const validity = read(record)
      const time = beacon.timeOf(validity.beacon)
      if (time === undefined)
        throw new InvalidRecordError('ERR_INVALID_RECORD', 'what it is fresh by is not known here')
      const age = now() - time
      if (age < 0) throw new InvalidRecordError('ERR_INVALID_RECORD', 'what it is fresh by is of a time to come')
      if (age <= Math.min(maxAge, validity.maxAge)) return
      throw new InvalidRecordError('ERR_RECORD_EXPIRED', `the record was fresh ${age} ms ago`)
    },
    compare(a, b) {
      const [one, other] = [a, b].map(record => beacon.timeOf(read(record).beacon) ?? Number.NEGATIVE_INFINITY)
      return one === other ? 0 : one! - other!
    }
  }
}

/** Nonces that one verifier gives out, to be signed. */
export interface IprsNonces extends IprsBeacon {
  /** A new one, of 16 random bytes. */
  issue(): Uint8Array
}

/** Options of `iprsNonces`. */
export interface IprsNoncesOptions extends IprsClock {
  /** Nonces that are remembered; beyond it the oldest is forgotten, and what it signed is invalid. @default 10000 */
  maxNonces?: number
}

/** A source of nonces, in memory. */
export function iprsNonces({ now = Date.now, maxNonces = 10_000 }: IprsNoncesOptions = {}): IprsNonces {
  if (!Number.isSafeInteger(maxNonces) || maxNonces < 1) {
    throw new InvalidParametersError('maxNonces must be a whole number of 1 or more')
  }
  const issued = new Map<string, number>()
  return {
    issue() {
      const nonce = crypto.getRandomValues(new Uint8Array(16))
      issued.set(toHex(nonce), now())
      for (const oldest of issued.keys()) {
        if (issued.size <= maxNonces) break
        issued.delete(oldest)
      }
      return nonce
    },
    timeOf: value => issued.get(toHex(value))
  }
}

function read(record: IprsRecord): { beacon: Uint8Array; maxAge: number } {
  const validity = readValidityMap(record, ['beacon', 'maxAge'])
  return { beacon: checkBeacon(validity['beacon']), maxAge: readAmount('maxAge', validity['maxAge']) }
}

function checkBeacon(value: unknown): Uint8Array {
  if (value instanceof Uint8Array && value.byteLength > 0 && value.byteLength <= maxBeaconLength) return value
  throw invalidValidity(`beacon is no byte string of 1 to ${maxBeaconLength} bytes`)
}
