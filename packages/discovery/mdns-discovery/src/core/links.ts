/** The links on which a node speaks and is spoken to: its network interfaces, with their addresses. */
import { type Cidr, cidrContains, parseCidr, parseIp } from '@weft/multiaddr'

/** A network interface. */
export interface Link {
  /** Its name, as the system calls it. */
  readonly name: string
  /** Its addresses as blocks: `192.168.1.20/24`. */
  readonly cidrs: readonly string[]
}

/** Where a packet came from. */
export interface Source {
  /** IP address without a zone. */
  readonly address: string
  /** The link, where the system tells it: the zone of a link-local address. */
  readonly link?: string | undefined
}

interface KnownLink {
  readonly link: Link
  readonly blocks: readonly Cidr[]
  readonly own: ReadonlySet<string>
}

/** Links that are used at most: a machine with more has bridges to containers. */
export const maxLinks = 32

/** Finds the link of a packet by its source. */
export class Links {
  private _links: readonly KnownLink[] = []

  /** Those that are there now. What cannot be read is left out. */
  set(links: readonly Link[]): void {
    this._links = links.slice(0, maxLinks).map(link => ({
      link,
      blocks: link.cidrs.flatMap(cidr => block(cidr) ?? []),
      own: new Set(link.cidrs.map(cidr => cidr.split('/')[0]!))
    }))
  }

  /** Their names. */
  get names(): string[] {
    return this._links.map(({ link }) => link.name)
  }

  /**
   * The link of a packet, undefined where its source is on none of them: what comes through a router is no word of a
   * neighbour (RFC 6762, section 11).
   */
  find({ address, link }: Source): string | undefined {
    const own = this._links.find(known => known.own.has(address) && (link === undefined || known.link.name === link))
    if (own !== undefined) return own.link.name
    const candidates = this._links.filter(known => known.blocks.some(cidr => cidrContains(cidr, address)))
    // Every link has the block of link-local addresses.
    if (link !== undefined) return candidates.find(known => known.link.name === link)?.link.name
    return candidates[0]?.link.name
  }

  /** Whether it is an address of this machine. */
  isOwn(address: string): boolean {
    return this._links.some(({ own }) => own.has(address))
  }

  /** The addresses of a link, without their blocks. */
  addressesOf(name: string): string[] {
    return [...(this._links.find(({ link }) => link.name === name)?.own ?? [])]
  }
}

function block(cidr: string): Cidr | undefined {
  const [address = ''] = cidr.split('/')
  return parseIp(address) === undefined ? undefined : parseCidr(cidr)
}
