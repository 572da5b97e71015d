import type { Libp2pEvents } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { describe, expect, it, vi } from 'vitest'
import { bob, fakeLogger } from '../test/fakes.ts'
import { NodeEvents } from './events.ts'

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
