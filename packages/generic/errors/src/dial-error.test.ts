import { describe, expect, it } from 'vitest'
import {
  AbortError,
  ConnectionFailedError,
  type DialAttempt,
  DialError,
  dialErrorOf,
  dialErrorSymbol,
  isDialError,
  type SkippedAddress,
  TimeoutError
} from './index.ts'

const skipped: SkippedAddress[] = [{ address: '/ws', source: 'caller', stage: 'resolve', elapsed: 0, reason: 'no' }]
const attempt = (error: Error): DialAttempt => ({
  address: '/a',
  source: 'caller',
  stage: 'connect',
  elapsed: 1,
  error
})

describe('the error of a dial', () => {
  it('has the name and the code of its one reason, and what became of each address', () => {
    const errors = [new ConnectionFailedError('first'), new ConnectionFailedError('second')]
    const attempts = errors.map(attempt)
    const error = dialErrorOf('could not dial', attempts, skipped)
    expect(error).toMatchObject({
      name: 'ConnectionFailedError',
      code: 'ERR_CONNECTION_FAILED',
      message: 'could not dial',
      attempts,
      skipped,
      errors,
      cause: errors[0]
    })
    expect(isDialError(error)).toBe(true)
  })

  it('has the fields that the errors of its one reason have in common', () => {
    const failed = (reason: string): Error => new ConnectionFailedError('x', { facts: { reason, limit: 5 } })
    const same = dialErrorOf('could not dial', [failed('ECONNREFUSED'), failed('ECONNREFUSED')].map(attempt), [])
    expect(same).toMatchObject({ reason: 'ECONNREFUSED', limit: 5, message: 'could not dial' })
    const other = dialErrorOf('could not dial', [failed('ECONNREFUSED'), failed('ETIMEDOUT')].map(attempt), [])
    expect(other).toMatchObject({ limit: 5 })
    expect(other).not.toHaveProperty('reason')
  })

  it('is an AggregateError by name and prototype for several reasons', () => {
    const errors = [new ConnectionFailedError('first'), new TimeoutError('second')]
    const attempts = errors.map(attempt)
    const error = dialErrorOf('could not dial', attempts, skipped)
    expect(error).toBeInstanceOf(AggregateError)
    expect(error).toMatchObject({ name: 'AggregateError', code: 'ERR_DIAL', errors, attempts, skipped })
    expect(isDialError(error)).toBe(true)
  })

  it('has the names of foreign errors', () => {
    const abort = new DOMException('gone', 'AbortError')
    expect(dialErrorOf('x', [attempt(abort)], [])).toMatchObject({ name: 'AbortError', code: 'ERR_DIAL', cause: abort })
    expect(dialErrorOf('x', [], skipped)).toMatchObject({ name: 'DialError', attempts: [], errors: [], skipped })
  })

  it('is known by its brand, in whichever copy of the package it was made', () => {
    const other = Object.assign(new Error(), { [Symbol.for('@weft/dial-error')]: true })
    expect(dialErrorSymbol).toBe(Symbol.for('@weft/dial-error'))
    expect([new DialError(), other].every(isDialError)).toBe(true)
    expect([new AbortError(), new Error('DialError'), undefined, null, 'DialError'].some(isDialError)).toBe(false)
    // It is no field that a log would print.
    expect(Object.prototype.propertyIsEnumerable.call(new DialError(), dialErrorSymbol)).toBe(false)
  })
})
