/**
 * Handshake messages. The first byte says which message of a correct handshake the rest stands for, or changes: a
 * handshake is refused unless its messages are those of the other side.
 */
import { fromUtf8 } from '@weft/bytes'
import { Handshake } from '../../packages/crypto/noise/src/core/handshake.ts'
import { defaultCrypto } from '../../packages/crypto/noise/src/crypto.node.ts'

export const name = 'noise-handshake'

const keyOf = (byte: number) => defaultCrypto.keyPairOf(new Uint8Array(32).fill(byte))
const [staticA, staticB, ephemeralA, ephemeralB] = [keyOf(1), keyOf(2), keyOf(3), keyOf(4)]
const payload = fromUtf8('payload')
const prologue = new Uint8Array(0)

export function fuzz(input: Uint8Array): void {
  const mode = input[0] ?? 0
  const bytes = input.subarray(1)
  const which = mode % 3
  let changed = false
  const pass = (index: number, message: Uint8Array): Uint8Array => {
    if (index !== which) return message
    const given = mode % 6 < 3 ? bytes : flip(message, bytes)
    changed = given.byteLength !== message.byteLength || given.some((byte, i) => byte !== message[i])
    return given
  }
  const a = side(true)
  const b = side(false)
  try {
    b.readA(pass(0, a.writeA()))
    a.readB(pass(1, b.writeB(payload)))
    b.readC(pass(2, a.writeC(payload)))
  } catch (error) {
    if ((error as Error).name !== 'InvalidCryptoExchangeError') throw error
    if (!changed) throw error
    return
  }
  if (changed) throw new Error('a changed handshake went through')
}

function side(initiator: boolean): Handshake {
  return new Handshake({
    crypto: defaultCrypto,
    initiator,
    prologue,
    staticKey: initiator ? staticA : staticB,
    ephemeralKey: initiator ? ephemeralA : ephemeralB
  })
}

/** Pairs of bytes: where, and which bits. */
function flip(message: Uint8Array, changes: Uint8Array): Uint8Array {
  const out = message.slice()
  for (let i = 0; i + 1 < changes.byteLength; i += 2) out[changes[i]! % out.byteLength]! ^= changes[i + 1]!
  return out
}
