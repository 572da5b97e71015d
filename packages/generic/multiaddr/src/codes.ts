// Protocol codes of the multiaddr registry (multiformats/multiaddr, protocols.csv), under js-libp2p's names.

/** `/ip4`: an IPv4 address. */
export const CODE_IP4 = 4
/** `/tcp`: a port. */
export const CODE_TCP = 6
/** `/dccp`: a port. */
export const CODE_DCCP = 33
/** `/ip6`: an IPv6 address. */
export const CODE_IP6 = 41
/** `/ip6zone`: the zone of the IPv6 address that follows (RFC 4007). */
export const CODE_IP6ZONE = 42
/** `/ipcidr`: the leading bits that make the address before it a network. */
export const CODE_IPCIDR = 43
/** `/dns`: a domain name that has IPv4 or IPv6 addresses. */
export const CODE_DNS = 53
/** `/dns4`: a domain name of which the IPv4 addresses count. */
export const CODE_DNS4 = 54
/** `/dns6`: a domain name of which the IPv6 addresses count. */
export const CODE_DNS6 = 55
/** `/dnsaddr`: a domain name whose TXT records hold multiaddrs. */
export const CODE_DNSADDR = 56
/** `/sctp`: a port. */
export const CODE_SCTP = 132
/** `/udp`: a port. */
export const CODE_UDP = 273
/** `/p2p-webrtc-star`: deprecated, see `CODE_WEBRTC`. */
export const CODE_P2P_WEBRTC_STAR = 275
/** `/p2p-webrtc-direct`: deprecated, see `CODE_WEBRTC_DIRECT`. */
export const CODE_P2P_WEBRTC_DIRECT = 276
/** `/p2p-stardust`: deprecated. */
export const CODE_P2P_STARDUST = 277
/** `/webrtc-direct`: WebRTC to a server, without signalling. */
export const CODE_WEBRTC_DIRECT = 280
/** `/webrtc`: WebRTC whose signals go through another connection. */
export const CODE_WEBRTC = 281
/** `/p2p-circuit`: through the relay before it, to the peer behind it. */
export const CODE_P2P_CIRCUIT = 290
/** `/udt`: UDT over the datagrams before it. */
export const CODE_UDT = 301
/** `/utp`: uTP over the datagrams before it. */
export const CODE_UTP = 302
/** `/unix`: the path of a socket, which takes the rest of the address. */
export const CODE_UNIX = 400
/** `/p2p`, formerly `/ipfs`: a peer id. */
export const CODE_P2P = 421
/** `/https`: deprecated for `/tls/http`. */
export const CODE_HTTPS = 443
/** `/onion`: a Tor service of version 2, with its port. */
export const CODE_ONION = 444
/** `/onion3`: a Tor service of version 3, with its port. */
export const CODE_ONION3 = 445
/** `/garlic64`: an I2P destination in base64. */
export const CODE_GARLIC64 = 446
/** `/garlic32`: the hash of an I2P destination in base32. */
export const CODE_GARLIC32 = 447
/** `/tls`: TLS. */
export const CODE_TLS = 448
/** `/sni`: the server name for the TLS before it (RFC 6066, section 3). */
export const CODE_SNI = 449
/** `/noise`: Noise. */
export const CODE_NOISE = 454
/** `/quic`: QUIC as of draft 29. */
export const CODE_QUIC = 460
/** `/quic-v1`: QUIC version 1 (RFC 9000). */
export const CODE_QUIC_V1 = 461
/** `/webtransport`: WebTransport over the QUIC before it. */
export const CODE_WEBTRANSPORT = 465
/** `/certhash`: the multihash of a certificate, in multibase. */
export const CODE_CERTHASH = 466
/** `/ws`: WebSocket. */
export const CODE_WS = 477
/** `/wss`: deprecated for `/tls/ws`. */
export const CODE_WSS = 478
/** `/p2p-websocket-star`: deprecated. */
export const CODE_P2P_WEBSOCKET_STAR = 479
/** `/http`: HTTP. */
export const CODE_HTTP = 480
/** `/http-path`: a path of the HTTP server before it, percent-encoded. */
export const CODE_HTTP_PATH = 481
/** `/memory`: a name within this process. */
export const CODE_MEMORY = 777
/** `/plaintextv2`: no encryption. js-libp2p has no name for it. */
export const CODE_PLAINTEXTV2 = 0x706c61
