// Written by scripts/facade-manifest.mjs.
export type { KeyType, PeerId, PrivateKey, PublicKey } from '@weft/peer-id'
export {
  generateKeyPair,
  generateKeyPairFromSeed,
  isPeerId,
  peerIdFromCID,
  peerIdFromMultihash,
  peerIdFromMultihashBytes,
  peerIdFromPrivateKey,
  peerIdFromPublicKey,
  peerIdFromString,
  privateKeyFromCryptoKeyPair,
  privateKeyFromProtobuf,
  privateKeyFromRaw,
  privateKeyToCryptoKeyPair,
  privateKeyToProtobuf,
  publicKeyFromMultihash,
  publicKeyFromProtobuf,
  publicKeyFromRaw,
  publicKeyToMultihash,
  publicKeyToProtobuf
} from '@weft/peer-id'
