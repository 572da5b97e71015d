/** Signatures in Bun: by its `node:crypto`, but those of EC keys, whose curves and encodings it does not have all. */
export { ecPublicKey, ecSigner, ecVerifier } from './signatures.browser.ts'
export {
  ed25519PublicKey,
  ed25519Signer,
  ed25519Verifier,
  generateRsa,
  rsaSigner,
  rsaVerifier,
  sha256
} from './signatures.node.ts'
