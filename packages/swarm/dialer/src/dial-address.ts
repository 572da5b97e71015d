/** How the dial scheduler sees a multiaddr. */
import type { Address, Transport } from '@libp2p/interface'
import { type DialTraits, dialTraitsOf } from '@weft/interface-transport'
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
import type { DialAddress, Path, Reach } from './core/model.ts'
import { rankOf } from './core/ranking.ts'

/** An address of a dial. It is an `Address` as well, so that an `addressSorter` can compare it. */
export interface DialTargetAddress extends DialAddress, Address {
  multiaddr: Multiaddr
}

type Kind = DialTraits & { readonly matches: (address: Multiaddr) => boolean }

// For transports that do not say themselves what they are (`dialTraitsSymbol`): the outermost one that matches.
const transports: readonly Kind[] = [
  { name: 'webtransport', matches: isWebTransport, tokenClass: 'webtransport', roundTrips: 4 },
  { name: 'webrtc-direct', matches: isWebRTCDirect, tokenClass: 'webrtc', roundTrips: 6 },
  { name: 'webrtc', matches: isWebRTC, tokenClass: 'webrtc', roundTrips: 8 },
  // One socket serves all QUIC connections, and memory needs none.
  { name: 'quic', matches: isQuicV1, tokenClass: 'none', roundTrips: 1 },
  { name: 'memory', matches: isMemory, tokenClass: 'none', roundTrips: 0 },
  { name: 'wss', matches: isWebSocketSecure, tokenClass: 'fd', roundTrips: 6 },
  { name: 'ws', matches: isWebSocket, tokenClass: 'fd', roundTrips: 4 },
  { name: 'unix', matches: isUnix, tokenClass: 'fd', roundTrips: 0 },
  { name: 'tcp', matches: isTcp, tokenClass: 'fd', roundTrips: 3 }
]
// Anyone's own transport: it will open a socket.
const other: DialTraits = { name: 'other', tokenClass: 'fd', roundTrips: 9 }

/** Added to the rank of private addresses that someone told who may be in another network: they start behind public ones. */
const doubtful = 1024

/** `source`: who brought it. `named`: a caller asked for this very address; `joined`: while the dial was under way;
 * `transport`: the one that will dial it. */
export function dialTargetAddress(
  { multiaddr, isCertified }: Address,
  source: string,
  { named = false, joined = false, transport }: { named?: boolean; joined?: boolean; transport?: Transport } = {}
): DialTargetAddress {
  const traits = traitsOf(multiaddr, transport)
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
    tokenClass: isCircuit(multiaddr) ? 'relay' : traits.tokenClass,
    reach: isDoubtful ? 'public' : reach,
    rank:
      rankOf({ transport: traits.name, roundTrips: traits.roundTrips, ip, certified: isCertified }) +
      (isDoubtful ? doubtful : 0),
    source,
    paths,
    urgent: joined,
    ignoresBackoff: named
  }
}

/** The name of the transport that an address is for: what it says itself, or one of a list, or `other`. */
export function transportNameOf(multiaddr: Multiaddr, transport?: Transport): string {
  // Whatever carries it, it goes through a relay.
  return isCircuit(multiaddr) ? 'relay' : traitsOf(multiaddr, transport).name
}

function traitsOf(multiaddr: Multiaddr, transport: Transport | undefined): DialTraits {
  return dialTraitsOf(transport, multiaddr) ?? transports.find(({ matches }) => matches(multiaddr)) ?? other
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
