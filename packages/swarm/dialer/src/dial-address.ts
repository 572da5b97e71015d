/** How the dial scheduler sees a multiaddr. */
import type { Address } from '@libp2p/interface'
import {
  cidrContains,
  isCircuit,
  isMemory,
  isPrivate,
  isQuicV1,
  isTcp,
  isUnix,
  isWebRTC,
  isWebRTCDirect,
  isWebSocket,
  isWebSocketSecure,
  isWebTransport,
  type Multiaddr,
  parseCidr
} from '@weft/multiaddr'
import type { DialAddress, Path, Reach, TokenClass } from './core/model.ts'
import { rankOf } from './core/ranking.ts'

/** An address of a dial. It is an `Address` as well, so that an `addressSorter` can compare it. */
export interface DialTargetAddress extends DialAddress, Address {
  multiaddr: Multiaddr
}

type Kind = readonly [string, (address: Multiaddr) => boolean, TokenClass]

// The outermost transport that matches names the address.
const transports: readonly Kind[] = [
  ['relay', isCircuit, 'relay'],
  ['webtransport', isWebTransport, 'webtransport'],
  ['webrtc-direct', isWebRTCDirect, 'webrtc'],
  ['webrtc', isWebRTC, 'webrtc'],
  // One socket serves all QUIC connections, and memory needs none.
  ['quic', isQuicV1, 'none'],
  ['memory', isMemory, 'none'],
  ['wss', isWebSocketSecure, 'fd'],
  ['ws', isWebSocket, 'fd'],
  ['unix', isUnix, 'fd'],
  ['tcp', isTcp, 'fd']
]

// Anyone's own transport: it will open a socket.
const other: Kind = ['other', () => true, 'fd']

/** Added to the rank of private addresses that someone told who may be in another network: they start behind public ones. */
const doubtful = 1000

/** `source`: who brought it. `named`: a caller asked for this very address; `joined`: while the dial was under way. */
export function dialTargetAddress(
  { multiaddr, isCertified }: Address,
  source: string,
  { named = false, joined = false }: { named?: boolean; joined?: boolean } = {}
): DialTargetAddress {
  const [transport, , tokenClass] = kindOf(multiaddr)
  const names = new Set(multiaddr.getComponents().map(({ name }) => name))
  const ip = names.has('ip6') ? 6 : names.has('ip4') ? 4 : undefined
  const reach = reachOf(multiaddr)
  // Who names an address, or let the peer store keep it, knows that network; who found it elsewhere may be anywhere.
  const isDoubtful = reach === 'private' && !named && source !== 'peer-store'
  const paths: Path[] = []
  if (names.has('udp')) paths.push('udp')
  if (ip === 6) paths.push('ip6')
  return {
    multiaddr,
    isCertified,
    text: multiaddr.toString(),
    tokenClass,
    reach: isDoubtful ? 'public' : reach,
    rank: rankOf({ transport, ip, certified: isCertified }) + (isDoubtful ? doubtful : 0),
    source,
    paths,
    urgent: joined,
    ignoresBackoff: named
  }
}

/** The transport that an address is for, by a name of this list or `other`. */
export function transportNameOf(multiaddr: Multiaddr): string {
  return kindOf(multiaddr)[0]
}

function kindOf(multiaddr: Multiaddr): Kind {
  return transports.find(([, matches]) => matches(multiaddr)) ?? other
}

// Its addresses lead through other people's nodes, however local they look (RFC 4193 gives only fd00::/8 to networks).
const cjdns = parseCidr('fc00::/8')

function reachOf(address: Multiaddr): Reach {
  if (isCircuit(address)) return 'relay'
  // Memory and unix sockets stay on this machine. A name leads to the open network, as far as one can tell.
  if (isMemory(address) || isUnix(address)) return 'private'
  if (cidrContains(cjdns, address)) return 'public'
  return isPrivate(address) ? 'private' : 'public'
}
