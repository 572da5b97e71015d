/** The contract suites of crypto channels. */
export type { ChannelFault, ChannelFraming, FaultKind, Side } from './channel-fault.ts'
export { channelFaultSuite, type ChannelFaultSetup } from './channel-fault-suite.ts'
export { type CryptoChannelSetup, cryptoChannelSuite, type SecuredPair, secure } from './crypto-channel-suite.ts'
