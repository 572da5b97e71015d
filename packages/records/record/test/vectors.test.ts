import { fromHex } from '@weft/bytes'
import { validatorFor } from '@weft/interface-record-store'
import { describe, expect, it } from 'vitest'
import { createIpnsValidator, publicKeyValidator } from '../src/index.ts'
import vectors from './vectors/records.json' with { type: 'json' }

// Within the validity of those that are valid.
const now = (): number => Date.UTC(2026, 10, 30)
const validators = { ipns: createIpnsValidator({ now }), pk: publicKeyValidator }

// Made with the packages `ipns` and `@libp2p/crypto`, and sent to go-libp2p-kad-dht.
describe('records of other implementations', () => {
  for (const { name, key, record, valid } of vectors) {
    it(`${valid ? 'are valid' : 'are refused'}: ${name}`, async () => {
      const bytes = fromHex(key)
      const verdict = (async () => validatorFor(validators, bytes).validate(bytes, fromHex(record)))()
      if (valid) await verdict
      else await expect(verdict).rejects.toMatchObject({ name: 'InvalidRecordError' })
    })
  }
})
