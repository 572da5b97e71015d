import type { ProtocolCodec } from '@multiformats/multiaddr'
import * as codes from './codes.ts'
import {
  certhash,
  garlic32,
  garlic64,
  httpPath,
  ip4,
  ip6,
  ipcidr,
  onion,
  peerId,
  port,
  unixPath,
  type ValueCodec,
  visibleName
} from './values.ts'

/** The size of a value of variable length, which its length precedes. */
export const V = -1

/** A protocol of the registry. Ours can check bytes without making text of them. */
export interface Protocol extends ProtocolCodec {
  checkBytes?(bytes: Uint8Array): void
}

/** Every protocol of multiformats/multiaddr, protocols.csv. Sizes are in bits, as there. */
export const protocols: readonly Protocol[] = [
  protocol(codes.CODE_IP4, 'ip4', 32, ip4),
  protocol(codes.CODE_TCP, 'tcp', 16, port),
  protocol(codes.CODE_DCCP, 'dccp', 16, port),
  protocol(codes.CODE_IP6, 'ip6', 128, ip6),
  protocol(codes.CODE_IP6ZONE, 'ip6zone', V, visibleName),
  protocol(codes.CODE_IPCIDR, 'ipcidr', 8, ipcidr),
  protocol(codes.CODE_DNS, 'dns', V, visibleName),
  protocol(codes.CODE_DNS4, 'dns4', V, visibleName),
  protocol(codes.CODE_DNS6, 'dns6', V, visibleName),
  protocol(codes.CODE_DNSADDR, 'dnsaddr', V, visibleName),
  protocol(codes.CODE_SCTP, 'sctp', 16, port),
  protocol(codes.CODE_UDP, 'udp', 16, port),
  protocol(codes.CODE_P2P_WEBRTC_STAR, 'p2p-webrtc-star'),
  protocol(codes.CODE_P2P_WEBRTC_DIRECT, 'p2p-webrtc-direct'),
  protocol(codes.CODE_P2P_STARDUST, 'p2p-stardust'),
  protocol(codes.CODE_WEBRTC_DIRECT, 'webrtc-direct'),
  protocol(codes.CODE_WEBRTC, 'webrtc'),
  protocol(codes.CODE_P2P_CIRCUIT, 'p2p-circuit'),
  protocol(codes.CODE_UDT, 'udt'),
  protocol(codes.CODE_UTP, 'utp'),
  protocol(codes.CODE_UNIX, 'unix', V, unixPath),
  { ...protocol(codes.CODE_P2P, 'p2p', V, peerId), aliases: ['ipfs'] },
  protocol(codes.CODE_HTTPS, 'https'),
  protocol(codes.CODE_ONION, 'onion', 96, onion(10)),
  protocol(codes.CODE_ONION3, 'onion3', 296, onion(35)),
  protocol(codes.CODE_GARLIC64, 'garlic64', V, garlic64),
  protocol(codes.CODE_GARLIC32, 'garlic32', V, garlic32),
  protocol(codes.CODE_TLS, 'tls'),
  protocol(codes.CODE_SNI, 'sni', V, visibleName),
  protocol(codes.CODE_NOISE, 'noise'),
  protocol(codes.CODE_QUIC, 'quic'),
  protocol(codes.CODE_QUIC_V1, 'quic-v1'),
  protocol(codes.CODE_WEBTRANSPORT, 'webtransport'),
  protocol(codes.CODE_CERTHASH, 'certhash', V, certhash),
  protocol(codes.CODE_WS, 'ws'),
  protocol(codes.CODE_WSS, 'wss'),
  protocol(codes.CODE_P2P_WEBSOCKET_STAR, 'p2p-websocket-star'),
  protocol(codes.CODE_HTTP, 'http'),
  protocol(codes.CODE_HTTP_PATH, 'http-path', V, httpPath),
  protocol(codes.CODE_MEMORY, 'memory', V, visibleName),
  protocol(codes.CODE_PLAINTEXTV2, 'plaintextv2')
]

function protocol(code: number, name: string, size = 0, codec?: ValueCodec): Protocol {
  return { code, name, size, ...codec }
}
