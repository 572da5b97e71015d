import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SendQueue } from './send-queue.ts'

describe('what waits to be sent', () => {
  it('comes out byte for byte in its order, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 })), fc.array(fc.nat(30)), (chunks, cuts) => {
        const queue = new SendQueue()
        for (const chunk of chunks) queue.push(chunk)
        const all = chunks.flatMap(chunk => [...chunk])
        const taken: number[] = []
        for (const cut of [...cuts, all.length]) {
          const length = Math.min(cut, queue.length)
          if (length > 0) taken.push(...queue.take(length))
        }
        expect(taken).toEqual(all)
        expect(queue.length).toBe(0)
      })
    )
  })
})
