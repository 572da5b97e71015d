import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { dialTraitsOf, dialTraitsSymbol, transport } from './index.ts'

const address = multiaddr('/ip4/127.0.0.1/tcp/1')
const traits = { name: 'utp', tokenClass: 'none', roundTrips: 3 } as const
const saying = (said: unknown): never => ({ [dialTraitsSymbol]: said }) as never

describe('what a transport says of its addresses', () => {
  it('is said once for all of them, or of each', () => {
    expect(dialTraitsOf(saying(traits), address)).toBe(traits)
    expect(
      dialTraitsOf(
        saying((of: unknown) => of === address && traits),
        address
      )
    ).toBe(traits)
    expect(dialTraitsSymbol).toBe(Symbol.for('@weft/dial-traits'))
    const parts = { dial: async () => ({}), createListener: () => ({}), listenFilter: () => [], dialFilter: () => [] }
    expect(dialTraitsOf(transport('@weft/x', parts as never, traits), address)).toBe(traits)
    // Programs wrap transports, and bind what they find.
    const wrapped = new Proxy(
      transport('@weft/x', { ...parts } as never, () => traits),
      {
        get: (target, name) => {
          const found: unknown = Reflect.get(target, name)
          return typeof found === 'function' ? found.bind(target) : found
        }
      }
    )
    expect(dialTraitsOf(wrapped, address)).toBe(traits)
    expect(dialTraitsOf(transport('@weft/x', { ...parts } as never), address)).toBeUndefined()
  })

  it.each([
    ['nothing', undefined],
    ['a name', 'tcp'],
    ['a long name', { ...traits, name: 'x'.repeat(33) }],
    ['a name with a line end', { ...traits, name: 'tcp\n' }],
    ['a class that there is not', { ...traits, tokenClass: 'relay' }],
    ['half a round trip', { ...traits, roundTrips: 0.5 }],
    ['sixteen round trips', { ...traits, roundTrips: 16 }],
    [
      'an error',
      () => {
        throw new Error('no')
      }
    ]
  ])('is nothing if it is %s', (_what, said) => {
    expect(dialTraitsOf(saying(said), address)).toBeUndefined()
    expect(dialTraitsOf(undefined, address)).toBeUndefined()
  })
})
