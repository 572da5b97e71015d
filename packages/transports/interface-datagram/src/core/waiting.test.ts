import { describe, expect, it } from 'vitest'
import { maxWaiting, maxWaitingOfRemote, Waiting } from './waiting.ts'

describe('datagrams that wait', () => {
  it('are sent one of each remote in turn, and go on where the system stopped', () => {
    const waiting = new Waiting<string>()
    for (const [remote, byte] of [
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 4],
      ['c', 5]
    ] as const) {
      waiting.push(remote, Uint8Array.of(byte))
    }
    const sent: number[] = []
    let room = 2
    const send = (view: Uint8Array): boolean => room-- > 0 && sent.push(view[0]!) > 0
    waiting.flush(send)
    expect(sent).toEqual([1, 4])
    room = 10
    waiting.flush(send)
    expect(sent).toEqual([1, 4, 5, 2, 3])
    expect(waiting.size).toBe(0)
  })

  it('are bounded for each remote and in all', () => {
    const waiting = new Waiting<number>()
    const view = Uint8Array.of(0)
    for (let i = 0; i < maxWaitingOfRemote; i++) expect(waiting.push(0, view)).toBe(true)
    expect(waiting.push(0, view)).toBe(false)
    for (let remote = 1; waiting.size < maxWaiting; remote++) waiting.push(remote, view)
    expect(waiting.push(-1, view)).toBe(false)
    expect(waiting.size).toBe(maxWaiting)
  })
})
