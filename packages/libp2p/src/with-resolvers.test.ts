import { describe, expect, it } from 'vitest'
import { createLibp2p } from './create-libp2p.ts'
import { ensureWithResolvers } from './with-resolvers.ts'

interface Made {
  promise: Promise<unknown>
  resolve(value: unknown): void
  reject(reason: unknown): void
}

describe('Promise.withResolvers', () => {
  it('is there for the services of a node, whatever the runtime', async () => {
    let seen: unknown
    const service = (): object => {
      seen = Reflect.get(Promise, 'withResolvers')
      return {}
    }
    await createLibp2p({ start: false, services: { foreign: service } })
    expect(seen).toBeTypeOf('function')
  })

  it('is made as the standard says where it is missing', async () => {
    class Old extends Promise<unknown> {}
    const plain = { __proto__: null } as { withResolvers?: (this: typeof Old) => Made }
    ensureWithResolvers(plain)
    const { value, ...attributes } = Object.getOwnPropertyDescriptor(plain, 'withResolvers')!
    expect(attributes).toEqual({ writable: true, enumerable: false, configurable: true })
    expect([value.name, value.length]).toEqual(['withResolvers', 0])

    const first = plain.withResolvers!.call(Old)
    expect(first.promise).toBeInstanceOf(Old)
    first.resolve(1)
    expect(await first.promise).toBe(1)
    const second = plain.withResolvers!.call(Old)
    second.reject(new Error('no'))
    await expect(second.promise).rejects.toThrow('no')
  })

  it('is left alone where it is', () => {
    const withResolvers = (): void => {}
    const promise = { withResolvers }
    ensureWithResolvers(promise)
    expect(promise.withResolvers).toBe(withResolvers)
  })
})
