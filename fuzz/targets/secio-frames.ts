/** Frames behind a handshake: the cuts between chunks change nothing, and nothing but what was sealed is opened. */
import { concat, equals } from '@weft/bytes'
import { Opener, Sealer } from '../../packages/crypto/secio/src/core/records.ts'
import { nodeCrypto } from '../../packages/crypto/secio/src/crypto.node.ts'

export const name = 'secio-frames'

const keys = { iv: new Uint8Array(16), key: new Uint8Array(16).fill(1), macKey: new Uint8Array(20).fill(2) }

/** The first byte: how many bytes are sealed; the second: where the first chunk ends. What follows is put behind it. */
export function fuzz(input: Uint8Array): void {
  const honest = new Uint8Array(input[0] ?? 0).fill(7)
  const sealed = concat([new Sealer(nodeCrypto, 'SHA256', keys).seal(honest), input.subarray(2)])
  const whole = open([sealed])
  const cut = open([sealed.subarray(0, input[1] ?? 0), sealed.subarray(input[1] ?? 0)])
  if (!equals(whole.plaintext, honest) || !equals(cut.plaintext, honest)) throw new Error('other bytes were opened')
  if (whole.code !== cut.code) throw new Error('the cut between chunks made a difference')
}

function open(chunks: readonly Uint8Array[]): { plaintext: Uint8Array; code: string | undefined } {
  const opener = new Opener(nodeCrypto, 'SHA256', keys)
  const out: Uint8Array[] = []
  try {
    for (const chunk of chunks) opener.read(chunk, plaintext => out.push(plaintext))
  } catch (error) {
    if ((error as Error).name !== 'SecioError') throw error
    return { plaintext: concat(out), code: (error as { code: string }).code }
  }
  return { plaintext: concat(out), code: undefined }
}
