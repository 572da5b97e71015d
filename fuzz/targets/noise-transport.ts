/**
 * Records after the handshake. The cipher is replaced by one whose tag is right when its first byte is even, so that
 * arbitrary bytes get past it: cuts between chunks change neither what is given nor the error, no record is given before
 * it is whole, and what is sealed is opened again.
 */
import { ByteQueue, concat, equals } from '@weft/bytes'
import { CipherState } from '../../packages/crypto/noise/src/core/cipher-state.ts'
import { withPrefix } from '../../packages/crypto/noise/src/core/constants.ts'
import type { CipherKey } from '../../packages/crypto/noise/src/core/crypto.ts'
import { RecordReader, sealQueue } from '../../packages/crypto/noise/src/core/records.ts'

export const name = 'noise-transport'

const tag = new Uint8Array(16)
const key: CipherKey = {
  seal: (_nonce, _ad, plaintext) => concat([plaintext, tag]),
  open: (_nonce, _ad, ciphertext) => ciphertext.subarray(0, -16),
  sealRecord: (_nonce, parts, _length, out) => void out.push(withPrefix(concat([...parts, tag]))),
  openRecord(_nonce, pieces) {
    const last = pieces.at(-1)!
    const split = last.byteLength - tag.byteLength
    return last[split]! % 2 === 0 ? [...pieces.slice(0, -1), last.subarray(0, split)] : undefined
  }
}

interface Outcome {
  readonly plaintext: Uint8Array
  readonly code: string | undefined
}

export function fuzz(input: Uint8Array): void {
  const sizes = [...input.subarray(1, 5)].map(byte => byte + 1)
  const bytes = input.subarray(5)
  const whole = read(bytes, [bytes.byteLength + 1])
  const cut = read(bytes, sizes.length === 0 ? [1] : sizes)
  if (whole.code !== cut.code) throw new Error(`cuts changed the error: ${whole.code}, ${cut.code}`)
  if (!equals(whole.plaintext, cut.plaintext)) throw new Error('cuts changed the plaintext')
  if (whole.plaintext.byteLength > bytes.byteLength) throw new Error('more came out than went in')

  const queue = new ByteQueue()
  // Repeated, so that a short input makes more than one record.
  const copies = (input[0] ?? 0) % 8 === 0 ? Math.ceil(70_000 / Math.max(bytes.byteLength, 100)) : 1
  for (let i = 0; i < copies; i++) queue.push(bytes)
  const total = queue.byteLength
  const sealed: Uint8Array[] = []
  while (queue.byteLength > 0) sealed.push(...sealQueue(new CipherState(key), queue))
  const opened = read(concat(sealed), sizes.length === 0 ? [1] : sizes.map(size => size * 100))
  if (opened.code !== undefined || opened.plaintext.byteLength !== total) throw new Error('a record was not read back')
}

function read(bytes: Uint8Array, sizes: readonly number[]): Outcome {
  const reader = new RecordReader(new CipherState(key))
  const given: Uint8Array[] = []
  let code: string | undefined
  try {
    for (let at = 0, i = 0; at < bytes.byteLength; i++) {
      const end = at + sizes[i % sizes.length]!
      reader.read(bytes.subarray(at, end), plaintext => given.push(plaintext))
      at = end
    }
  } catch (error) {
    if ((error as Error).name !== 'NoiseError') throw error
    code = (error as { code?: string }).code
  }
  return { plaintext: concat(given), code }
}
