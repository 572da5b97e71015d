import { afterEach, describe, expect, it } from 'vitest'
import debug from 'weald'
import { bob } from '../../interface-node/test/fakes.ts'
import { defaultLogger, describeError } from './logger.ts'

describe('default logger', () => {
  const original = debug.log
  afterEach(() => {
    debug.disable()
    debug.log = original
  })

  function shown(pattern: string, log: () => void): string[] {
    const lines: string[] = []
    debug.log = (...args: unknown[]) => void lines.push(args.join(' '))
    debug.enable(pattern)
    log()
    return lines
  }

  it('shows what the pattern asks for, and traces only by name', () => {
    const logger = defaultLogger().forComponent('libp2p:a')
    const log = (): void => {
      logger('plain')
      logger.error('error')
      logger.trace('trace')
      logger.newScope('b')('scope')
    }
    expect(shown('', log)).toEqual([])
    expect(logger.enabled).toBe(false)
    expect(shown('libp2p:*', log)).toHaveLength(3)
    expect(logger.enabled).toBe(true)
    expect(shown('libp2p:*:trace', log)).toHaveLength(1)
  })

  it('keeps one logger for each component', () => {
    const logger = defaultLogger()
    expect(logger.forComponent('a')).toBe(logger.forComponent('a'))
    expect(logger.forComponent('a')).not.toBe(logger.forComponent('b'))
  })

  it('knows js-libp2p’s formats', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    const logger = defaultLogger().forComponent('libp2p:a')
    const [line] = shown('libp2p:a', () => logger('%p %b %t %m %b', bob, bytes, bytes, bytes, undefined))
    expect(line).toContain(`${bob.toString()} Ldp aebag AQID undefined`)
  })

  it('tells of an error with its causes and parts', () => {
    const cause = new Error('below')
    const error = new AggregateError([new Error('part', { cause })], 'whole')
    const text = describeError(error)
    for (const message of ['whole', 'part', 'below']) expect(text).toContain(message)
    const circle = new Error('circle')
    circle.cause = circle
    expect(describeError(circle).length).toBeLessThan(100_000)
    expect(describeError('text')).toBe('text')
  })
})
