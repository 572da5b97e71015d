import type { MessageStream } from '@libp2p/interface'
import { concat } from '@weft/bytes'
import { settled } from '@weft/interface-connection/compliance'
import {
  type ChannelFault,
  type ChannelFraming,
  opposite,
  type Passage,
  type Recording,
  type Recordings,
  type Side,
  strike
} from './channel-fault.ts'

// Turns of the event loop in which nothing came: both sides wait then, or work for long. Which of them changes no result.
const quietTurns = 4

/** What is to happen, and where its messages are from. */
export interface FaultPlan {
  readonly fault: ChannelFault
  readonly recordings: Recordings
}

/** Somebody between two peers, who passes messages on and does one thing to one of them. */
export class Relay {
  /** All messages of each side, as they were sent. */
  readonly seen: Record<Side, Uint8Array[]> & Recording = { dialer: [], listener: [] }
  /** Resolves when the fault has happened. */
  readonly struck: Promise<void>
  private readonly _ends: Record<Side, MessageStream>
  private readonly _framing: ChannelFraming
  private readonly _plan: FaultPlan | undefined
  private readonly _unread: Record<Side, Uint8Array> = { dialer: new Uint8Array(0), listener: new Uint8Array(0) }
  private readonly _mute = new Set<Side>()
  private _held: Uint8Array | undefined
  private _events = 0
  private _onStruck: () => void = () => {}

  /** `ends` are the relay's own: one is connected with the dialer, the other one with the listener. */
  constructor(ends: Record<Side, MessageStream>, framing: ChannelFraming, plan?: FaultPlan) {
    this._ends = ends
    this._framing = framing
    this._plan = plan
    this.struck = new Promise(resolve => (this._onStruck = resolve))
    this._carry('dialer')
    this._carry('listener')
  }

  /** Resolves when nothing has come for a few turns of the event loop. */
  async quiet(): Promise<void> {
    for (let still = 0, events = -1; still < quietTurns; still++) {
      if (events !== this._events) still = 0
      events = this._events
      await settled()
    }
  }

  /** Ends both connections, however they are. */
  async end(): Promise<void> {
    await Promise.allSettled(Object.values(this._ends).map(end => end.close()))
  }

  private _carry(from: Side): void {
    const [near, far] = [this._ends[from], this._ends[opposite(from)]]
    near.addEventListener('message', ({ data }) => {
      this._events++
      this._unread[from] = concat([this._unread[from], data.subarray()])
      this._passMessages(from)
    })
    near.addEventListener('remoteCloseWrite', () => {
      this._events++
      this._apply(from, { onward: [this._unread[from]], then: 'end' })
    })
    near.addEventListener('close', ({ error }) => {
      this._events++
      if (error !== undefined) far.abort(error)
    })
  }

  private _passMessages(from: Side): void {
    for (;;) {
      const index = this.seen[from].length
      const length = this._framing.measure(this._unread[from], index)
      if (length === undefined || length > this._unread[from].byteLength) return
      const message = new Uint8Array(this._unread[from].subarray(0, length))
      this._unread[from] = this._unread[from].subarray(length)
      this.seen[from].push(message)
      this._apply(from, this._passage(from, index, message))
    }
  }

  private _passage(from: Side, index: number, message: Uint8Array): Passage {
    if (this._plan?.fault.side !== from) return { onward: [message] }
    const { fault, recordings } = this._plan
    if (this._held !== undefined) {
      const held = this._held
      this._held = undefined
      return { onward: [message, held] }
    }
    if (fault.index !== index) return { onward: [message] }
    this._onStruck()
    if (fault.kind === 'swap') this._held = message
    return strike(fault, message, this._framing, recordings)
  }

  private _apply(from: Side, { onward, back, then = 'rest' }: Passage): void {
    this._send(from, onward)
    if (back !== undefined) this._send(opposite(from), [back])
    if (then === 'rest' || this._mute.has(from)) return
    this._mute.add(from)
    if (then === 'end') this._ends[opposite(from)].close().catch(() => {})
  }

  private _send(from: Side, messages: readonly Uint8Array[]): void {
    const far = this._ends[opposite(from)]
    for (const bytes of messages) {
      if (bytes.byteLength > 0 && !this._mute.has(from) && isLive(far)) far.send(bytes)
    }
  }
}

function isLive({ status }: MessageStream): boolean {
  return status === 'open' || status === 'closing'
}
