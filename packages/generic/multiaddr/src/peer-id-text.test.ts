import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, it } from 'vitest'
import { peerIdBytes, peerIdText } from './peer-id-text.ts'

it('is base58btc in both directions, asked for once or again, of few or of many', () => {
  const ids = fc.uint8Array({ minLength: 1, maxLength: 42 })
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 600 }), list => {
      for (const bytes of [...list, ...list]) {
        const text = base58btc.baseEncode(bytes)
        expect(peerIdText(bytes)).toBe(text)
        expect(peerIdBytes(text)).toEqual(bytes)
        peerIdBytes(text).fill(0)
      }
    }),
    { numRuns: 20 }
  )
})

it('refuses what is not base58btc each time', () => {
  for (let i = 0; i < 2; i++) expect(() => peerIdBytes('1l0')).toThrow('base58btc')
})
