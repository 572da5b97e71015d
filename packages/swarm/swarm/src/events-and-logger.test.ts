import type { Libp2pEvents } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import debug from 'weald'
import { bob, fakeLogger } from '../test/fakes.ts'
import { NodeEvents } from './events.ts'
import { defaultLogger, describeError } from './logger.ts'

describe('events of a node', () => {
  it('go to parts first and then to the node, however they are dispatched', () => {
    const node = new EventEmitter<Libp2pEvents>()
    const events = new NodeEvents(node, fakeLogger().forComponent('x'))
    const seen: string[] = []
    node.addEventListener('peer:connect', event => seen.push(`node ${event.detail.toString()}`))
    events.safeDispatchEvent('peer:connect', { detail: bob })
    events.addEventListener('peer:connect', () => seen.push('part'))
    events.safeDispatchEvent('peer:connect', { detail: bob })
    events.dispatchEvent(new CustomEvent('peer:connect', { detail: bob }))
    const outside = `node ${bob.toString()}`
    expect(seen).toEqual([outside, 'part', outside, 'part', outside])
  })

  it('reach the node although a part throws', () => {
    const node = new EventEmitter<Libp2pEvents>()
    const logger = fakeLogger()
    const events = new NodeEvents(node, logger.forComponent('x'))
    const listener = vi.fn()
    node.addEventListener('peer:connect', listener)
    events.addEventListener('peer:connect', () => {
      throw new Error('part')
    })
    events.safeDispatchEvent('peer:connect', { detail: bob })
    expect(listener).toHaveBeenCalledTimes(1)
    expect(logger.errors).toHaveLength(1)
  })
})

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
