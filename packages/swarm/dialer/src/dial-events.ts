/** What the node's events mean to dials: addresses that come while a peer is dialed, and connections that the peer makes itself. */
import type { Connection, Libp2pEvents, TypedEventTarget } from '@libp2p/interface'
import { uncertified } from './dial-sources.ts'
import type { RunningDial } from './running-dial.ts'
import type { SchedulerDriver } from './scheduler-driver.ts'
import { isPlain, type SimultaneousOpen } from './simultaneous-open.ts'

/**
 * How long a dial goes on when the peer has connected to this node and that connection would be the one to give way, ms:
 * then it has to do. While an attempt is in its handshake the peer may have its end of that one already, and may have
 * given up its own for it: then it is waited for again.
 */
export const answerDelay = 1000

/** Listens from the first dial until it is stopped. */
export class DialEvents {
  private readonly _events: TypedEventTarget<Libp2pEvents>
  private readonly _dialTo: (peer: string) => RunningDial | undefined
  private readonly _simultaneous: SimultaneousOpen
  private readonly _driver: SchedulerDriver
  private _listens = false

  /** @param dialTo - the running dial to a peer that others may join */
  constructor(
    events: TypedEventTarget<Libp2pEvents>,
    dialTo: (peer: string) => RunningDial | undefined,
    simultaneous: SimultaneousOpen,
    driver: SchedulerDriver
  ) {
    this._events = events
    this._dialTo = dialTo
    this._simultaneous = simultaneous
    this._driver = driver
  }

  listen(): void {
    if (this._listens) return
    this._listens = true
    this._events.addEventListener('connection:open', this._onOpen)
    this._events.addEventListener('peer:update', this._onPeerUpdate)
    this._events.addEventListener('peer:discovery', this._onDiscovery)
  }

  stop(): void {
    this._events.removeEventListener('connection:open', this._onOpen)
    this._events.removeEventListener('peer:update', this._onPeerUpdate)
    this._events.removeEventListener('peer:discovery', this._onDiscovery)
    this._listens = false
  }

  private readonly _onPeerUpdate = ({ detail: { peer } }: Libp2pEvents['peer:update']): void => {
    this._dialTo(peer.id.toString())?.learn(peer.addresses, 'peer-store')
  }

  private readonly _onDiscovery = ({ detail: { id, multiaddrs } }: Libp2pEvents['peer:discovery']): void => {
    this._dialTo(id.toString())?.learn(multiaddrs.map(uncertified), 'discovery')
  }

  /** A peer that is dialed may connect by itself. If this node's connection would give way to that one, it is not made. */
  private readonly _onOpen = ({ detail: connection }: Libp2pEvents['connection:open']): void => {
    if (connection.direction !== 'inbound' || !isPlain(connection)) return
    this._simultaneous.onInbound(connection)
    const { remotePeer } = connection
    const dial = this._dialTo(remotePeer.toString())
    if (dial !== undefined) this._meet(dial, connection, this._simultaneous.givesWayTo(remotePeer) ? 0 : answerDelay)
  }

  /** Ends the dial after `delay` ms, as there is a connection to the peer. */
  private _meet(dial: RunningDial, connection: Connection, delay: number): void {
    dial.meet(connection, delay, () => {
      if (connection.status !== 'open') return
      if (delay > 0 && this._isInHandshake(dial)) {
        this._meet(dial, connection, delay)
        return
      }
      this._driver.tell((scheduler, now) => scheduler.dialAnswered(dial.id, now))
    })
  }

  private _isInHandshake({ id }: RunningDial): boolean {
    const { addresses = [] } = this._driver.scheduler.report(id, performance.now()) ?? {}
    return addresses.some(({ state }) => state.kind === 'dialing' && state.stage !== 'connect')
  }
}
