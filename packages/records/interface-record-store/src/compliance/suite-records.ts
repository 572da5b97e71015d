/** Records with an order and an end that every store can hold: `sequence|expires|text`, under `/suite/...`. */
import { fromUtf8, toUtf8 } from '@weft/bytes'
import { InvalidRecordError } from '../errors.ts'
import type { Validator, Validators } from '../validator.ts'

/** A key of the suite's namespace. */
export function suiteKey(name: string): Uint8Array {
  return fromUtf8(`/suite/${name}`)
}

/** A record that is better than those of a lower `sequence`, and valid before `expires`, milliseconds of the clock. */
export function suiteRecord(sequence: number, text = '', expires: number = Number.MAX_SAFE_INTEGER): Uint8Array {
  return fromUtf8(`${sequence}|${expires}|${text}`)
}

interface SuiteRecord {
  sequence: number
  expires: number
}

function parse(record: Uint8Array): SuiteRecord {
  const match = /^(\d+)\|(\d+)\|/.exec(toUtf8(record))
  if (match === null) throw new InvalidRecordError('ERR_INVALID_RECORD', 'not a record of the suite')
  return { sequence: Number(match[1]), expires: Number(match[2]) }
}

/** The table of validators that the store under test is given. */
export function suiteValidators(now: () => number): Validators {
  const suite: Validator = {
    validate(_key, record) {
      if (parse(record).expires <= now()) throw new InvalidRecordError('ERR_RECORD_EXPIRED', 'its time is over')
    },
    select(_key, records) {
      const sequences = records.map(record => parse(record).sequence)
      return sequences.indexOf(Math.max(...sequences))
    }
  }
  return { suite }
}
