/** Where an inbound connection comes from, as the limits see it: one host, and the network around it. */
export interface Source {
  /** An IPv4 address or an IPv6 /56, which is what one customer of a provider has. */
  readonly address: string
  /** The IPv6 /48 around it; absent with IPv4. */
  readonly network: string | undefined
  /** Whether the rate of an address holds for it. */
  readonly rated: boolean
  /** Whether the limits of one address and one network hold for it. */
  readonly capped: boolean
  /** Whether the limit of one peer holds for it. */
  readonly cappedByPeer: boolean
  /** No limit at all holds for it, and it never gives way to another. */
  readonly allowed: boolean
}

/** Keys of the 4 or 16 bytes of an IP address. Prefixed, so that no text of a remote's choice is a key by itself. */
export function keysOf(ip: Uint8Array): { address: string; network: string | undefined } {
  if (ip.length === 4)
    return { address: `4:${String.fromCharCode(ip[0]!, ip[1]!, ip[2]!, ip[3]!)}`, network: undefined }
  const network = String.fromCharCode(ip[0]!, ip[1]!, ip[2]!, ip[3]!, ip[4]!, ip[5]!)
  return { address: `6:${network}${String.fromCharCode(ip[6]!)}`, network: `n:${network}` }
}
