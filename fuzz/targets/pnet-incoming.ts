/** What a remote writes in a private network: the cuts between chunks change nothing, and only a nonce is kept back. */
import { concat, equals } from '@weft/bytes'
import { Incoming } from '../../packages/crypto/pnet/src/core/directions.ts'

export const name = 'pnet-incoming'

const key = new Uint8Array(32).fill(1)
const nonceLength = 24

/** The first byte says how the rest is cut into chunks. */
export function fuzz(input: Uint8Array): void {
  const bytes = input.subarray(1)
  const size = 1 + ((input[0] ?? 0) % 80)
  const whole = open(bytes, Math.max(bytes.byteLength, 1))
  const pieces = open(bytes, size)
  if (whole.code !== pieces.code) throw new Error('the cuts between chunks change the outcome')
  if (!equals(whole.plaintext, pieces.plaintext)) throw new Error('the cuts between chunks change what is opened')
  if (whole.code !== undefined) return
  const expected = Math.max(bytes.byteLength - nonceLength, 0)
  if (whole.plaintext.byteLength !== expected) throw new Error('bytes were lost')
  if (whole.isTruncated !== (bytes.byteLength > 0 && bytes.byteLength < nonceLength)) throw new Error('a wrong end')
}

function open(
  bytes: Uint8Array,
  size: number
): { plaintext: Uint8Array; code: string | undefined; isTruncated: boolean } {
  const incoming = new Incoming(key)
  const out: Uint8Array[] = []
  let code: string | undefined
  try {
    for (let at = 0; at < bytes.byteLength; at += size) {
      const plaintext = incoming.open(bytes.subarray(at, at + size))
      if (plaintext !== undefined) out.push(plaintext)
    }
  } catch (error) {
    if ((error as Error).name !== 'PnetError') throw error
    code = (error as { code: string }).code
  }
  return { plaintext: concat(out), code, isTruncated: incoming.isTruncated }
}
