import type { Ed25519PeerId, RSAPeerId, Secp256k1PeerId, URLPeerId } from '@libp2p/interface'
import { InvalidCIDError, InvalidParametersError } from '@weft/errors'
import { base16, base16upper } from 'multiformats/bases/base16'
import { base32, base32upper } from 'multiformats/bases/base32'
import { base36, base36upper } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import type { MultibaseDecoder } from 'multiformats/bases/interface'
import { CID } from 'multiformats/cid'
import { decode } from 'multiformats/hashes/digest'
import { peerIdFromCID, peerIdFromMultihash } from './peer-ids.ts'

/** Characters of the longest text. A key's id has at most 94, a URL's more; base58 takes quadratic time. */
const maxTextLength = 512

const bases: ReadonlyMap<string, MultibaseDecoder<string>> = new Map<string, MultibaseDecoder<string>>(
  [base16, base16upper, base32, base32upper, base36, base36upper, base58btc, base64url].map(base => [base.prefix, base])
)

/**
 * Reads a peer id from text (specs/peer-ids, "Decoding"): a bare multihash in base58btc, which begins with `1` or `Qm`,
 * or a CID behind its multibase prefix (base16, 32, 36, 58btc, 64url).
 *
 * @param decoder - reads text of any other form as a bare multihash
 * @throws InvalidParametersError for text of no such form; InvalidCIDError, InvalidMultihashError, InvalidPublicKeyError
 */
export function peerIdFromString(
  text: string,
  decoder?: MultibaseDecoder<string>
): Ed25519PeerId | Secp256k1PeerId | RSAPeerId | URLPeerId {
  if (text.length > maxTextLength) throw new InvalidParametersError(`text is longer than ${maxTextLength} characters`)
  if (text.startsWith('1') || text.startsWith('Qm')) return peerIdFromMultihash(parse(() => decode58(text)))
  if (decoder !== undefined) return peerIdFromMultihash(parse(() => decode(decoder.decode(text))))
  const base = bases.get(text.slice(0, 1))
  if (base === undefined)
    throw new InvalidParametersError('text has neither the form of a peer id nor a known multibase')
  const cid = parse(() => CID.decode(base.decode(text)))
  if (cid.version !== 1) throw new InvalidCIDError('a peer id in a multibase is a CID of version 1')
  return peerIdFromCID(cid)
}

function decode58(text: string): ReturnType<typeof decode> {
  return decode(base58btc.baseDecode(text))
}

/** multiformats throws plain errors; this package does not. */
function parse<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw new InvalidParametersError('text is no peer id', { cause })
  }
}
