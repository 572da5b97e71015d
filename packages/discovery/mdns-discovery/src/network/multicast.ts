import type { Link, Source } from '../core/links.ts'

/** Where a network is opened. */
export interface MulticastOptions {
  /** UDP port. */
  readonly port: number
  /** The group of IPv4, undefined for none. */
  readonly group4: string | undefined
  /** The group of IPv6, undefined for none. */
  readonly group6: string | undefined
  /** Told of what does not work and is done without. */
  readonly onProblem: (problem: Error) => void
}

/** Multicast on the links of this machine. Node's has sockets; tests have one of their own. */
export interface MulticastNetwork {
  /** Joins the groups on all links. `receive` gets each packet and who sent it. */
  open(options: MulticastOptions, receive: (packet: Uint8Array, source: Source) => void): Promise<MulticastSocket>
}

/** An open network. */
export interface MulticastSocket {
  /** The links that are there now; new ones are joined. */
  links(): Link[]
  /** Sends a packet to the groups on a link. What cannot be sent is lost. */
  send(link: string, packet: Uint8Array): void
  /** Sends what waits, then leaves the groups. */
  close(): Promise<void>
}
