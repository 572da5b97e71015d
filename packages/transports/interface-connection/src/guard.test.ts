import type { Logger } from '@libp2p/interface'
import { describe, expect, it, vi } from 'vitest'
import { guard, guarded, logFault } from './index.ts'

function testLog(): { log: Logger; lines: unknown[][] } {
  const lines: unknown[][] = []
  const log = Object.assign(() => {}, {
    error: (...line: unknown[]) => void lines.push(line),
    trace() {},
    enabled: true,
    newScope: () => log
  }) as unknown as Logger
  return { log, lines }
}

describe('guard', () => {
  it('ends the owner with what a callback throws, and logs it once', () => {
    const { log, lines } = testLog()
    const error = new Error('thrown')
    const abort = vi.fn((cause: Error) => logFault(log, 'aborted', cause))
    const task = guarded({ log, abort }, (value: number) => {
      if (value > 1) throw error
    })
    task(1)
    expect(abort).not.toHaveBeenCalled()
    task(2)
    expect(abort).toHaveBeenCalledExactlyOnceWith(error)
    expect(lines).toEqual([[expect.stringContaining('%e'), error]])
  })

  it('makes an error of what is none', () => {
    const { log } = testLog()
    const abort = vi.fn()
    guard({ log, abort }, () => {
      // oxlint-disable-next-line typescript/only-throw-error -- as user code does
      throw 'text'
    })
    expect(abort).toHaveBeenCalledWith(expect.objectContaining({ message: 'text' }))
  })

  it.each([
    ['its end', { abort: () => raise() }],
    ['its logger', { log: Object.assign(() => {}, { error: () => raise() }) as unknown as Logger }],
    ['its lack of an end', {}]
  ])('outlives an owner that fails by %s', (_, owner) => {
    const { log } = testLog()
    expect(() => guard({ log, ...owner }, raise)).not.toThrow()
  })
})

function raise(): never {
  throw new Error('thrown')
}
