import { describe, expect, it } from 'vitest'
import { Outbox } from './index.ts'

describe('Outbox', () => {
  it('keeps views in order and gives them once', () => {
    const outbox = new Outbox(() => {})
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    outbox.push(a)
    outbox.push(b)
    expect(outbox.byteLength).toBe(3)
    const taken = outbox.take()
    expect(taken[0]).toBe(a)
    expect(taken[1]).toBe(b)
    expect(outbox.byteLength).toBe(0)
    expect(outbox.take()).toEqual([])
  })

  it('says once that there is something to send, until it was taken', () => {
    let said = 0
    const outbox = new Outbox(() => said++)
    outbox.push(Uint8Array.of(1))
    outbox.push(Uint8Array.of(2))
    expect(said).toBe(1)
    outbox.take()
    outbox.push(Uint8Array.of(3))
    expect(said).toBe(2)
  })
})
