import { describe, expect, it } from 'vitest'
import { SharedWork } from './shared-work.ts'

/** Work that ends when it is told to, or with its signal. */
function work() {
  const begun: Array<{ signal: AbortSignal; resolve: (value: number) => void }> = []
  const begin = (signal: AbortSignal): Promise<number> =>
    new Promise((resolve, reject) => {
      begun.push({ signal, resolve })
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  return { begun, begin }
}

describe('SharedWork', () => {
  it('is done once for all who wait, and again for who comes later', async () => {
    const shared = new SharedWork<string, number>()
    const { begun, begin } = work()
    const both = Promise.all([shared.join('a', {}, begin), shared.join('a', {}, begin)])
    void shared.join('b', {}, begin)
    expect(begun.length).toBe(2)
    begun[0]!.resolve(1)
    expect(await both).toEqual([1, 1])
    expect(shared.size).toBe(1)
    void shared.join('a', {}, begin)
    expect(begun.length).toBe(3)
  })

  it('goes on without the caller that gives up, and ends with the last', async () => {
    const shared = new SharedWork<string, number>()
    const { begun, begin } = work()
    const [first, second] = [new AbortController(), new AbortController()]
    const results = [first, second].map(({ signal }) => shared.join('a', { signal }, begin))
    first.abort(new Error('first'))
    await expect(results[0]).rejects.toThrow('first')
    expect(begun[0]!.signal.aborted).toBe(false)
    second.abort(new Error('second'))
    await expect(results[1]).rejects.toThrow('second')
    expect(begun[0]!.signal.reason).toEqual(new Error('second'))
    const third = shared.join('a', {}, begin)
    expect(begun.length).toBe(2)
    begun[1]!.resolve(3)
    expect(await third).toBe(3)
  })

  it('does not end where somebody waits without a signal', async () => {
    const shared = new SharedWork<string, number>()
    const { begun, begin } = work()
    const controller = new AbortController()
    const limited = shared.join('a', { signal: controller.signal }, begin)
    const unlimited = shared.join('a', {}, begin)
    controller.abort(new Error('enough'))
    await expect(limited).rejects.toThrow('enough')
    begun[0]!.resolve(1)
    expect(await unlimited).toBe(1)
  })

  it('is not begun for a signal that has fired, and rejects all with what it fails with', async () => {
    const shared = new SharedWork<string, number>()
    const { begun, begin } = work()
    await expect(shared.join('a', { signal: AbortSignal.abort(new Error('late')) }, begin)).rejects.toThrow('late')
    expect(begun.length).toBe(0)
    const failing = [{}, { signal: new AbortController().signal }].map(options =>
      shared.join('a', options, async () => {
        throw new RangeError('no')
      })
    )
    for (const result of failing) await expect(result).rejects.toThrow('no')
    expect(shared.size).toBe(0)
  })
})
