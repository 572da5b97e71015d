/** The contract suites of crypto channels. */
export type { ChannelFault, ChannelFraming, FaultKind, Side } from './channel-fault.ts'
export { type ChannelEndSetup, channelEndSuite } from './channel-end-suite.ts'
export { channelFaultSuite, type ChannelFaultSetup } from './channel-fault-suite.ts'
export {
  type ChannelPeer,
  type CryptoChannelSetup,
  cryptoChannelSuite,
  type SecuredPair,
  secure
} from './crypto-channel-suite.ts'
