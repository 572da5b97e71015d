import type { Libp2pEvents, Logger, PeerId, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { NotFoundError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import type { ClientComponents } from '@weft/interface-protocol'
import { ProtocolNode } from '@weft/interface-protocol/compliance'
import { multiaddr, p2pOf } from '@weft/multiaddr'
import type { MulticastDNSComponents } from '../neighbours.ts'
import type { MulticastNetwork } from '../network/multicast.ts'
import { MulticastHub } from './multicast-hub.ts'

/** What a machine gives to services: streams to another machine end at the handler that is there. */
export type MachineComponents = MulticastDNSComponents & ClientComponents

/** One node of a local network. */
export interface Machine {
  /** Who it is. */
  readonly peerId: PeerId
  /** Its own addresses: may be changed. */
  readonly addresses: Multiaddr[]
  /** Of its node. */
  readonly events: EventEmitter<Libp2pEvents>
  /** For factories of services. */
  readonly components: MachineComponents
  /** Its multicast. */
  readonly network: MulticastNetwork
  /** Its handlers, and the streams that it has opened. */
  readonly node: ProtocolNode
}

const log = Object.assign(() => {}, { error: () => {}, trace: () => {}, newScope: () => log }) as unknown as Logger

/** Machines on one link, 10.0.0.0/24. */
export class Machines {
  /** What they send. */
  readonly hub: MulticastHub = new MulticastHub()
  private readonly _nodes = new Map<string, ProtocolNode>()

  /** Adds one. Its streams are those of `node`, where one is given. */
  add(peerId: PeerId, parts: { node?: ProtocolNode; connectionProtector?: object } = {}): Machine {
    // The far ends are served by who is dialed.
    const { node = new ProtocolNode({ remote: () => {} }), connectionProtector } = parts
    const host = `10.0.0.${this._nodes.size + 1}`
    const addresses = [multiaddr(`/ip4/${host}/tcp/4001/p2p/${peerId.toString()}`)]
    const events = new EventEmitter<Libp2pEvents>()
    this._nodes.set(peerId.toString(), node)
    const components: MachineComponents = {
      peerId,
      logger: { forComponent: () => log },
      addressManager: { getAddresses: () => addresses },
      events: events as never,
      connectionProtector,
      registrar: node.components.registrar,
      connectionManager: {
        openStream: async (target, protocol, options) => {
          const near = node.open(protocol, options)
          const { far } = node.opened.at(-1)!
          this._serve(target as Multiaddr[], protocol, far)
          return near
        }
      }
    }
    const network = this.hub.network([{ name: 'lan', cidrs: [`${host}/24`] }])
    return { peerId, addresses, events, components, network, node }
  }

  private _serve(target: readonly Multiaddr[], protocol: string, far: Stream): void {
    const node = this._nodes.get(p2pOf([target].flat()[0]!) ?? '')
    const error = new NotFoundError('nobody is there')
    if (node === undefined) far.abort(error)
    else node.serve(protocol, far).catch(() => far.abort(error))
  }
}
