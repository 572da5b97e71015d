/** What a validity scheme is, and the table of those that are known. */
import * as dagCbor from '@ipld/dag-cbor'
import type { AbortOptions } from '@libp2p/interface'
import { InvalidRecordError } from '@weft/interface-record-store'
import type { CID } from 'multiformats/cid'
import { isMap } from '../core/iprs-objects.ts'
import { blockOf, type IprsBlock } from './iprs-block.ts'
import type { IprsRecord } from './iprs-bundle.ts'

/** Rules of validity ("Validity Schemes"). The signature of a record was verified before they are asked. */
export interface IprsScheme {
  /** For people. */
  readonly name: string
  /** What records link to. */
  readonly cid: CID
  /** Returns, or resolves, when the record is valid now. Throws `InvalidRecordError`. */
  validate(record: IprsRecord, options?: AbortOptions): void | Promise<void>
  /**
   * Above 0 when `a` is better than `b`, below 0 when it is worse, 0 when the scheme does not say. Both were valid, and
   * have the same version. It has to be transitive, and the same with `a` and `b` exchanged but for the sign.
   */
  compare(a: IprsRecord, b: IprsRecord): number
}

/** The scheme and its data, as a new record is given them. */
export interface IprsTerms {
  /** The scheme's CID. */
  readonly scheme: CID
  /** What the scheme asks for, in the data model of IPLD. */
  readonly validity: unknown
  /** The version where the terms determine it. */
  readonly version?: number
  /** What comes with the record, so that it can be verified. */
  readonly objects?: readonly IprsBlock[]
}

/** The CID of a scheme: of the DAG-CBOR of `{ "iprs": name }`. */
export function iprsSchemeCid(name: string): CID {
  return blockOf(dagCbor.encode({ iprs: name })).cid
}

/** Finds schemes by CID. Throws `InvalidRecordError` with `ERR_UNKNOWN_SCHEME` where there is none. */
export function schemeTable(schemes: readonly IprsScheme[]): (record: IprsRecord) => IprsScheme {
  const table = new Map(schemes.map(scheme => [scheme.cid.toString(), scheme]))
  return ({ scheme }) => {
    const found = table.get(scheme.toString())
    if (found !== undefined) return found
    throw new InvalidRecordError('ERR_UNKNOWN_SCHEME', `there is no validity scheme ${scheme.toString()}`, {
      facts: { scheme: scheme.toString() }
    })
  }
}

/** The data of a scheme as a map of exactly these entries. Throws `InvalidRecordError`. */
export function readValidityMap({ validity }: IprsRecord, names: readonly string[]): Record<string, unknown> {
  const valid =
    isMap(validity) &&
    Object.keys(validity).length === names.length &&
    names.every(name => Object.hasOwn(validity, name))
  if (valid) return validity
  throw invalidValidity(`it is no map of ${names.join(' and ')}`)
}

/** An integer from 0 to 2^53 - 1, or infinity for null. Throws `InvalidRecordError`. */
export function readAmount(name: string, value: unknown): number {
  if (value === null) return Number.POSITIVE_INFINITY
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw invalidValidity(`${name} is no integer from 0 to 2^53 - 1, nor null`)
}

/** The form in which records have it: null for infinity. Throws `InvalidRecordError`. */
export function writeAmount(name: string, value: number): number | null {
  const amount = value === Number.POSITIVE_INFINITY ? null : value
  readAmount(name, amount)
  return amount
}

/** The data is not what the scheme asks for. */
export function invalidValidity(why: string): InvalidRecordError {
  return new InvalidRecordError('ERR_INVALID_RECORD', `the validity of the record: ${why}`)
}
