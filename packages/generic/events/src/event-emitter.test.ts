import { describe, expect, it, vi } from 'vitest'
import { EventEmitter } from './index.ts'

interface Events {
  a: CustomEvent<number>
  b: Event
}

class Emitter extends EventEmitter<Events> {
  errors: unknown[] = []
  protected override onListenerError(error: unknown): void {
    this.errors.push(error)
  }
}

describe('EventEmitter', () => {
  it('calls functions and objects in order, each once', () => {
    const emitter = new Emitter()
    const calls: string[] = []
    const first = (event: CustomEvent<number>) => calls.push(`first ${event.detail}`)
    emitter.addEventListener('a', first)
    emitter.addEventListener('a', first)
    emitter.addEventListener('a', { handleEvent: event => calls.push(`object ${event.detail}`) })
    expect(emitter.listenerCount('a')).toBe(2)
    emitter.safeDispatchEvent('a', { detail: 7 })
    expect(calls).toEqual(['first 7', 'object 7'])
  })

  it('hands what an async listener rejects with to the same place as what one throws', async () => {
    const emitter = new Emitter()
    emitter.addEventListener('b', async () => {
      throw new Error('rejected')
    })
    emitter.addEventListener('b', { handleEvent: () => Promise.reject(new Error('of an object')) as never })
    emitter.addEventListener('b', () => {
      throw new Error('thrown')
    })
    emitter.dispatchEvent(new Event('b'))
    await Promise.resolve()
    const messages = emitter.errors.map(error => (error as Error).message)
    expect(messages.sort()).toEqual(['of an object', 'rejected', 'thrown'])
  })

  it('removes after once, by hand and by signal', () => {
    const emitter = new Emitter()
    const listener = vi.fn()
    const controller = new AbortController()
    emitter.addEventListener('b', listener, { once: true })
    emitter.dispatchEvent(new Event('b'))
    emitter.dispatchEvent(new Event('b'))
    expect(listener).toHaveBeenCalledTimes(1)
    emitter.addEventListener('b', listener, { signal: controller.signal })
    controller.abort()
    emitter.addEventListener('b', listener, { signal: controller.signal })
    expect(emitter.listenerCount('b')).toBe(0)
    emitter.addEventListener('b', listener)
    emitter.removeEventListener('b', listener)
    emitter.removeEventListener('b', listener)
    emitter.addEventListener('b', null)
    expect(emitter.listenerCount('b')).toBe(0)
  })

  it('does not call a listener that is removed while the event is told, by hand, by signal or by an inner event', () => {
    const emitter = new Emitter()
    const controller = new AbortController()
    const [byHand, bySignal, once, again] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()]
    emitter.addEventListener('b', () => {
      emitter.removeEventListener('b', byHand)
      controller.abort()
      emitter.removeEventListener('b', again)
      emitter.addEventListener('b', again)
    })
    emitter.addEventListener('b', () => emitter.dispatchEvent(new Event('b')), { once: true })
    emitter.addEventListener('b', byHand)
    emitter.addEventListener('b', bySignal, { signal: controller.signal })
    emitter.addEventListener('b', once, { once: true })
    emitter.addEventListener('b', again)
    emitter.dispatchEvent(new Event('b'))
    expect([byHand, bySignal, once].map(listener => listener.mock.calls.length)).toEqual([0, 0, 1])
    // Added anew in both rounds: called in none of them.
    expect(again).not.toHaveBeenCalled()
    emitter.removeEventListener('b', byHand)
    expect(emitter.listenerCount('b')).toBe(2)
  })

  it('keeps a listener’s exception from the others and from the caller', () => {
    const emitter = new Emitter()
    const error = new Error('listener')
    const after = vi.fn()
    emitter.addEventListener('b', () => {
      throw error
    })
    emitter.addEventListener('b', after)
    expect(emitter.dispatchEvent(new Event('b'))).toBe(true)
    expect(emitter.errors).toEqual([error])
    expect(after).toHaveBeenCalledTimes(1)
  })

  it('does not call what was added during a dispatch, and tells of a prevented default', () => {
    const emitter = new Emitter()
    const late = vi.fn()
    emitter.addEventListener('b', event => {
      event.preventDefault()
      emitter.addEventListener('b', late)
    })
    expect(emitter.dispatchEvent(new Event('b', { cancelable: true }))).toBe(false)
    expect(late).not.toHaveBeenCalled()
  })
})
