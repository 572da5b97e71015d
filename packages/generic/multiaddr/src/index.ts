export type { Component, Multiaddr, MultiaddrInput, ProtocolCodec, Registry } from '@multiformats/multiaddr'
export { type AddressClass, addressClassOf } from './address-class.ts'
export { cidrContains, type Cidr, parseCidr } from './cidr.ts'
export {
  CODE_CERTHASH,
  CODE_DCCP,
  CODE_DNS,
  CODE_DNS4,
  CODE_DNS6,
  CODE_DNSADDR,
  CODE_GARLIC32,
  CODE_GARLIC64,
  CODE_HTTP,
  CODE_HTTP_PATH,
  CODE_HTTPS,
  CODE_IP4,
  CODE_IP6,
  CODE_IP6ZONE,
  CODE_IPCIDR,
  CODE_MEMORY,
  CODE_NOISE,
  CODE_ONION,
  CODE_ONION3,
  CODE_P2P,
  CODE_P2P_CIRCUIT,
  CODE_P2P_STARDUST,
  CODE_P2P_WEBRTC_DIRECT,
  CODE_P2P_WEBRTC_STAR,
  CODE_P2P_WEBSOCKET_STAR,
  CODE_PLAINTEXTV2,
  CODE_QUIC,
  CODE_QUIC_V1,
  CODE_SCTP,
  CODE_SNI,
  CODE_TCP,
  CODE_TLS,
  CODE_UDP,
  CODE_UDT,
  CODE_UNIX,
  CODE_UTP,
  CODE_WEBRTC,
  CODE_WEBRTC_DIRECT,
  CODE_WEBTRANSPORT,
  CODE_WS,
  CODE_WSS
} from './codes.ts'
export { InvalidMultiaddrError, type MultiaddrErrorCode } from './errors.ts'
export { formatIp, parseIp, parseIp4, parseIp6 } from './ip.ts'
export { unmapIp } from './ip-source.ts'
export {
  type IpSource,
  isGlobalUnicast,
  isLinkLocal,
  isLoopback,
  isPrivate,
  isUnspecified
} from './ip-ranges.ts'
export { maxComponents, maxMultiaddrLength } from './limits.ts'
export {
  isCircuit,
  isDns,
  isDnsaddr,
  isIp,
  isMemory,
  isQuicV1,
  isTcp,
  isUdp,
  isUdt,
  isUnix,
  isUtp,
  isWebRTC,
  isWebRTCDirect,
  isWebSocket,
  isWebSocketSecure,
  isWebTransport
} from './matchers.ts'
export { isMultiaddr, multiaddr } from './multiaddr.ts'
export {
  getNetConfig,
  type HostType,
  ipPortToMultiaddr,
  isNetworkAddress,
  type NetConfig,
  netConfigToMultiaddr,
  tryGetNetConfig
} from './net-config.ts'
export { encapsulatePeer, p2pBytesOf, p2pOf } from './peer.ts'
export { V } from './protocols.ts'
export { registry } from './registry.ts'
export { getThinWaistAddresses } from './thin-waist.ts'
