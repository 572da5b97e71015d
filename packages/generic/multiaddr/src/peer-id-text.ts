import { base58btc } from 'multiformats/bases/base58'

// A node talks of few peers at a time. About 200 bytes each.
const limit = 256
const texts = new Map<string, string>()

/**
 * A peer id's bytes in base58btc. The last ones are remembered: a dial asks for the same text a dozen times, and base58 takes
 * quadratic time.
 */
export function peerIdText(bytes: Uint8Array): string {
  const key = String.fromCharCode(...bytes)
  const known = texts.get(key)
  if (known !== undefined) return known
  const text = base58btc.baseEncode(bytes)
  if (texts.size >= limit) texts.delete(texts.keys().next().value!)
  texts.set(key, text)
  return text
}
