import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, it } from 'vitest'
import { peerIdText } from './peer-id-text.ts'

it('is base58btc of the bytes, asked for once or again, of few or of many', () => {
  const ids = fc.uint8Array({ minLength: 1, maxLength: 42 })
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 600 }), list => {
      for (const bytes of [...list, ...list]) expect(peerIdText(bytes)).toBe(base58btc.baseEncode(bytes))
    }),
    { numRuns: 20 }
  )
})
