import type { MessageStream, SecuredConnection } from '@libp2p/interface'
import { concat } from '@weft/bytes'
import { TimeoutError } from '@weft/errors'
import { ended } from '@weft/interface-connection/compliance'
import { type ChannelFraming, opposite, type Side } from './channel-fault.ts'
import type { ChannelPeer } from './crypto-channel-suite.ts'
import { type FaultPlan, Relay } from './relay.ts'

/** Both sides of a channel. */
export type Peers = Readonly<Record<Side, ChannelPeer>>

/** How a side has ended. */
export interface Outcome {
  /** What it was told; `undefined` for an end that both sides wanted. */
  readonly error: Error | undefined
  /** What was read behind the handshake. */
  readonly received: Uint8Array
  /** The connection below. */
  readonly below: MessageStream
}

/** A connection that nobody harmed. */
export interface Honest {
  readonly outcomes: Record<Side, Outcome>
  /** All messages of each side. */
  readonly seen: Record<Side, Uint8Array[]>
  /** How many of them are the handshake's. */
  readonly handshake: Record<Side, number>
}

/** Runs a channel between two peers, with somebody in between. */
export class FaultBench {
  private readonly _connect: () => Promise<[MessageStream, MessageStream]>
  private readonly _framing: ChannelFraming
  private readonly _payload: Readonly<Record<Side, readonly Uint8Array[]>>

  /** `payload` is what each side writes behind the handshake. */
  constructor(
    connect: () => Promise<[MessageStream, MessageStream]>,
    framing: ChannelFraming,
    payload: Readonly<Record<Side, readonly Uint8Array[]>>
  ) {
    this._connect = connect
    this._framing = framing
    this._payload = payload
  }

  /** Nobody harms the connection. */
  async honest(peers: Peers): Promise<Honest> {
    const { relay, ends } = await this._open()
    const secured = await both(side => secure(peers, side, ends[side]))
    await relay.quiet()
    const handshake = { dialer: relay.seen.dialer.length, listener: relay.seen.listener.length }
    const outcomes = await both(side => this._talk(side, secured[side], ends[side], true))
    return { outcomes, seen: relay.seen, handshake }
  }

  /** The planned fault happens. When nothing comes any more, handshakes are given up and connections ended. */
  async faulty(peers: Peers, plan: FaultPlan): Promise<Record<Side, Outcome>> {
    const { relay, ends } = await this._open(plan)
    const budget = new AbortController()
    const outcomes = both(async side => {
      try {
        return await this._talk(side, await secure(peers, side, ends[side], budget.signal), ends[side], false)
      } catch (error) {
        return { error: error as Error, received: new Uint8Array(0), below: ends[side] }
      }
    })
    await relay.struck
    await Promise.race([outcomes, relay.quiet()])
    budget.abort(new TimeoutError('nothing came any more'))
    await relay.end()
    return outcomes
  }

  private async _open(plan?: FaultPlan): Promise<{ relay: Relay; ends: Record<Side, MessageStream> }> {
    const [dialer, toDialer] = await this._connect()
    const [toListener, listener] = await this._connect()
    const relay = new Relay({ dialer: toDialer, listener: toListener }, this._framing, plan)
    return { relay, ends: { dialer, listener } }
  }

  /** Writes, reads, and waits for the end. */
  private async _talk(
    side: Side,
    { connection }: SecuredConnection,
    below: MessageStream,
    closes: boolean
  ): Promise<Outcome> {
    const received: Uint8Array[] = []
    connection.addEventListener('message', ({ data }) => received.push(data.subarray()))
    const ending = ended(connection)
    for (const bytes of this._payload[side]) {
      if (connection.status === 'open') connection.send(bytes)
      // What is written in one turn of the event loop may leave as one message.
      await new Promise(resolve => setTimeout(resolve, 0))
    }
    if (closes) await connection.close()
    const { error } = await ending
    return { error, received: concat(received), below }
  }
}

/** The same for each side, at the same time. */
async function both<T>(run: (side: Side) => Promise<T>): Promise<Record<Side, T>> {
  const [dialer, listener] = await Promise.all([run('dialer'), run('listener')])
  return { dialer, listener }
}

function secure(peers: Peers, side: Side, end: MessageStream, signal?: AbortSignal): Promise<SecuredConnection> {
  const { encrypter } = peers[side]
  const options = { remotePeer: peers[opposite(side)].peerId, ...(signal !== undefined && { signal }) }
  return side === 'dialer' ? encrypter.secureOutbound(end, options) : encrypter.secureInbound(end, options)
}
