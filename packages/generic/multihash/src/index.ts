export type { MultihashDigest, MultihashHasher, SyncMultihashHasher } from 'multiformats'
export { identity, sha256, sha512 } from './hashers.ts'
export {
  createMultihash,
  decodeMultihash,
  type DecodeMultihashOptions,
  defaultMaxDigestLength,
  encodeMultihash
} from './multihash.ts'
export { hashCodes, type HashName, hashName } from './names.ts'
