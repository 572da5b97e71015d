import * as libp2p from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import {
  type AbortError,
  abortReason,
  StreamResetError,
  throwIfAborted,
  WeftError,
  withoutStackTraces
} from './index.ts'
import * as errors from './index.ts'

describe('errors', () => {
  it('carries name, code, facts and cause', () => {
    const cause = new Error('below')
    const error = new WeftError('FrameError', 'ERR_FRAME_TYPE', 'no such type', { cause, facts: { type: 9 } })
    expect(error).toMatchObject({ name: 'FrameError', code: 'ERR_FRAME_TYPE', message: 'no such type', type: 9, cause })
  })

  it('has no cause where none was given', () => {
    expect('cause' in new StreamResetError()).toBe(false)
  })

  it('names every error as its class', () => {
    for (const [name, value] of Object.entries(errors)) {
      if (!/^[A-Z].*Error$/.test(name) || name === 'WeftError') continue
      const error = new (value as typeof AbortError)()
      expect(error.name).toBe(name)
      expect(error.code).toMatch(/^ERR_[A-Z_]+$/)
      expect(error.message).not.toBe('')
    }
  })

  it('has a guard by name for every error, which knows those of others', () => {
    const guards = Object.entries(errors).filter(([name]) => /^is[A-Z]/.test(name) && name !== 'isDialError')
    expect(guards.length).toBeGreaterThan(30)
    const theirs = { ...libp2p, ...{ TransportUnavailableError: undefined } } as Record<string, unknown>
    for (const [guard, is] of guards) {
      const name = guard.slice(2)
      const own = (errors as Record<string, unknown>)[name] as (new () => Error) | undefined
      const foreign = theirs[name] as (new () => Error) | undefined
      const named = Object.assign(new Error('x'), { name })
      for (const error of [named, own && new own(), foreign && new foreign()]) {
        if (error !== undefined) expect((is as errors.ErrorGuard)(error)).toBe(true)
      }
      for (const other of [new Error(name), undefined, null, name]) expect((is as errors.ErrorGuard)(other)).toBe(false)
    }
    // Every name that the contract has is one of ours, with a guard.
    for (const name of Object.keys(libp2p).filter(name => name.endsWith('Error') && name !== 'DialError')) {
      expect(Object.keys(errors)).toEqual(expect.arrayContaining([name, `is${name}`]))
    }
  })

  it('spares a call its stack traces, and the next one has them again', () => {
    const failure = (): Error => new Error('no trace')
    expect(withoutStackTraces(failure).stack?.split('\n')).toHaveLength(1)
    expect(() =>
      withoutStackTraces(() => {
        throw failure()
      })
    ).toThrow('no trace')
    expect(failure().stack?.split('\n').length).toBeGreaterThan(1)
  })

  it('turns a reason into an error', () => {
    const own = new Error('own')
    expect(abortReason(AbortSignal.abort(own))).toBe(own)
    expect(abortReason(AbortSignal.abort('text'))).toMatchObject({ name: 'AbortError', cause: 'text' })
    expect(() => throwIfAborted(AbortSignal.abort(own))).toThrow(own)
    expect(throwIfAborted(undefined)).toBeUndefined()
    expect(throwIfAborted(new AbortController().signal)).toBeUndefined()
  })
})
