/** Certificates: what is taken for one is signed by its own key, and names an identity in an extension that reads back. */
import { createPublicKey } from 'node:crypto'
import { equals } from '@weft/bytes'
import { publicKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import { decodeSignedKey, encodeSignedKey } from '../../packages/crypto/tls/src/core/extension.ts'
import { type Claim, readCertificate } from '../../packages/crypto/tls/src/verify-certificate.ts'

export const name = 'tls-certificate'

// In 2040.
const now = 2_208_988_800_000

export function fuzz(input: Uint8Array): void {
  let claim: Claim
  try {
    claim = readCertificate(input, now)
  } catch (error) {
    const { name: errorName, code } = error as { name: string; code?: string }
    if (errorName === 'InvalidCryptoExchangeError' && code?.startsWith('ERR_TLS_CERTIFICATE_') === true) return
    throw error
  }
  const { identity, signedKey, spki } = claim
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  if (!equals(new Uint8Array(key.export({ format: 'der', type: 'spki' })), spki))
    throw new Error('another key was read')
  if (!equals(decodeSignedKey(encodeSignedKey(signedKey)).publicKey, signedKey.publicKey)) {
    throw new Error('the extension was not read back')
  }
  if (!publicKeyFromProtobuf(publicKeyToProtobuf(identity)).equals(identity))
    throw new Error('another identity was read')
}
