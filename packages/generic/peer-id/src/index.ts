export { privateKeyFromCryptoKeyPair, privateKeyToCryptoKeyPair } from './crypto-key-pair.ts'
export {
  generateKeyPair,
  generateKeyPairFromSeed,
  privateKeyFromProtobuf,
  privateKeyFromRaw,
  privateKeyToProtobuf,
  publicKeyFromMultihash,
  publicKeyFromProtobuf,
  publicKeyFromRaw,
  publicKeyToMultihash,
  publicKeyToProtobuf
} from './keys.ts'
export {
  isPeerId,
  peerIdFromCID,
  peerIdFromMultihash,
  peerIdFromMultihashBytes,
  peerIdFromPrivateKey,
  peerIdFromPublicKey
} from './peer-ids.ts'
export { peerIdFromString } from './text.ts'
export type { KeyType, PeerId, PrivateKey, PublicKey } from '@libp2p/interface'
