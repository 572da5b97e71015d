import type { Link, Source } from '../core/links.ts'
import type { MulticastNetwork, MulticastSocket } from '../network/multicast.ts'

interface Member {
  readonly links: () => readonly Link[]
  readonly port: number
  readonly receive: (packet: Uint8Array, source: Source) => void
}

/** Links of the same name are one: what is sent on it comes to all that have it, the sender too. */
export class MulticastHub {
  /** Every packet that was sent, with its link and sender. */
  readonly sent: Array<{ link: string; from: string; packet: Uint8Array }> = []
  private readonly _members = new Set<Member>()

  /** A machine with these links: `{ name: 'lan', cidrs: ['10.0.0.1/24'] }`. */
  network(links: readonly Link[] | (() => readonly Link[])): MulticastNetwork {
    const read = typeof links === 'function' ? links : (): readonly Link[] => links
    return {
      open: async ({ port }, receive): Promise<MulticastSocket> => {
        const member: Member = { links: read, port, receive }
        this._members.add(member)
        return {
          links: () => [...read()],
          send: (link, packet) => {
            const from = addressOn(member, link)
            if (from !== undefined && this._members.has(member)) this.send(link, from, packet, port)
          },
          close: async () => void this._members.delete(member)
        }
      }
    }
  }

  /** Sends a packet as if a machine with this address had. It arrives in the next turn. */
  send(link: string, from: string, packet: Uint8Array, port: number = 5353): void {
    const bytes = new Uint8Array(packet)
    this.sent.push({ link, from, packet: bytes })
    for (const member of this._members) {
      if (member.port !== port || addressOn(member, link) === undefined) continue
      queueMicrotask(() => {
        if (this._members.has(member)) member.receive(new Uint8Array(bytes), { address: from })
      })
    }
  }
}

function addressOn(member: Member, link: string): string | undefined {
  return member
    .links()
    .find(({ name }) => name === link)
    ?.cidrs[0]?.split('/')[0]
}
