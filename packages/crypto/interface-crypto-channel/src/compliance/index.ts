/** The contract suite of crypto channels. */
export { type CryptoChannelSetup, cryptoChannelSuite, type SecuredPair, secure } from './crypto-channel-suite.ts'
