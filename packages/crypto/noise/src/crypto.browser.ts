export { nobleCrypto as defaultCrypto } from './crypto.noble.ts'
