/** What version 2 of an IPNS record signs: a map in DAG-CBOR ("Record Fields"). */
import * as dagCbor from '@ipld/dag-cbor'
import { endOfLife } from './ipns-message.ts'

export interface IpnsData {
  value: Uint8Array
  /** RFC 3339 with nanoseconds, as bytes. */
  validity: Uint8Array
  sequence: bigint
  /** Nanoseconds. */
  ttl: bigint
}

/** Go reads these numbers into signed integers of 64 bits and refuses greater ones, so that no peer agrees on them. */
export const maxInteger: bigint = 2n ** 63n - 1n

/** Keys stand in the order of DAG-CBOR: shorter ones first. */
export function encodeIpnsData({ value, validity, sequence, ttl }: IpnsData): Uint8Array {
  return dagCbor.encode({
    TTL: ttl,
    Value: value,
    Sequence: sequence,
    Validity: validity,
    ValidityType: endOfLife
  })
}

/** Other keys than the five are left unread. Throws `Error` for anything else than such a map. */
export function decodeIpnsData(bytes: Uint8Array): IpnsData {
  const map: unknown = dagCbor.decode(bytes)
  if (typeof map !== 'object' || map === null || Array.isArray(map) || map instanceof Uint8Array) {
    throw new Error('the data is no map')
  }
  const { Value, Validity, ValidityType, Sequence, TTL } = map as Record<string, unknown>
  if (ValidityType !== endOfLife) throw new Error('the validity type is unknown')
  return {
    value: readBytes('Value', Value),
    validity: readBytes('Validity', Validity),
    sequence: readInteger('Sequence', Sequence),
    ttl: readInteger('TTL', TTL)
  }
}

function readBytes(name: string, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error(`${name} is no byte string`)
  return value
}

function readInteger(name: string, value: unknown): bigint {
  const integer = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof integer !== 'bigint' || integer < 0n || integer > maxInteger) {
    throw new Error(`${name} is no integer from 0 to 2^63 - 1`)
  }
  return integer
}
