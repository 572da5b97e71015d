import { toLatin1 } from '@weft/bytes'
import { base58btc } from 'multiformats/bases/base58'

// A node talks of few peers at a time. About 200 bytes each.
const limit = 256
const texts = new Map<string, string>()
const ids = new Map<string, Uint8Array<ArrayBuffer>>()

/**
 * A peer id's bytes in base58btc. The last ones are remembered: a dial asks for the same text a dozen times, and base58 takes
 * quadratic time.
 */
export function peerIdText(bytes: Uint8Array): string {
  const key = toLatin1(bytes)
  return texts.get(key) ?? remember(texts, key, base58btc.baseEncode(bytes))
}

/**
 * The bytes of a peer id in base58btc. The last ones are remembered as well, and each caller has a copy: whoever asks the
 * registry's protocol may write to it.
 */
export function peerIdBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(ids.get(text) ?? remember(ids, text, base58btc.baseDecode(text)))
}

function remember<V>(map: Map<string, V>, key: string, value: V): V {
  if (map.size >= limit) map.delete(map.keys().next().value!)
  map.set(key, value)
  return value
}
