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
  readonly #ends: Record<Side, MessageStream>
  readonly #framing: ChannelFraming
  readonly #plan: FaultPlan | undefined
  readonly #unread: Record<Side, Uint8Array> = { dialer: new Uint8Array(0), listener: new Uint8Array(0) }
  readonly #mute = new Set<Side>()
  #held: Uint8Array | undefined
  #events = 0
  #onStruck: () => void = () => {}

  /** `ends` are the relay's own: one is connected with the dialer, the other one with the listener. */
  constructor(ends: Record<Side, MessageStream>, framing: ChannelFraming, plan?: FaultPlan) {
    this.#ends = ends
    this.#framing = framing
    this.#plan = plan
    this.struck = new Promise(resolve => (this.#onStruck = resolve))
    this.#carry('dialer')
    this.#carry('listener')
  }

  /** Resolves when nothing has come for a few turns of the event loop. */
  async quiet(): Promise<void> {
    for (let still = 0, events = -1; still < quietTurns; still++) {
      if (events !== this.#events) still = 0
      events = this.#events
      await settled()
    }
  }

  /** Ends both connections, however they are. */
  async end(): Promise<void> {
    await Promise.allSettled(Object.values(this.#ends).map(end => end.close()))
  }

  #carry(from: Side): void {
    const [near, far] = [this.#ends[from], this.#ends[opposite(from)]]
    near.addEventListener('message', ({ data }) => {
      this.#events++
      this.#unread[from] = concat([this.#unread[from], data.subarray()])
      this.#passMessages(from)
    })
    near.addEventListener('remoteCloseWrite', () => {
      this.#events++
      this.#apply(from, { onward: [this.#unread[from]], then: 'end' })
    })
    near.addEventListener('close', ({ error }) => {
      this.#events++
      if (error !== undefined) far.abort(error)
    })
  }

  #passMessages(from: Side): void {
    for (;;) {
      const index = this.seen[from].length
      const length = this.#framing.measure(this.#unread[from], index)
      if (length === undefined || length > this.#unread[from].byteLength) return
      const message = this.#unread[from].slice(0, length)
      this.#unread[from] = this.#unread[from].subarray(length)
      this.seen[from].push(message)
      this.#apply(from, this.#passage(from, index, message))
    }
  }

  #passage(from: Side, index: number, message: Uint8Array): Passage {
    if (this.#plan?.fault.side !== from) return { onward: [message] }
    const { fault, recordings } = this.#plan
    if (this.#held !== undefined) {
      const held = this.#held
      this.#held = undefined
      return { onward: [message, held] }
    }
    if (fault.index !== index) return { onward: [message] }
    this.#onStruck()
    if (fault.kind === 'swap') this.#held = message
    return strike(fault, message, this.#framing, recordings)
  }

  #apply(from: Side, { onward, back, then = 'rest' }: Passage): void {
    this.#send(from, onward)
    if (back !== undefined) this.#send(opposite(from), [back])
    if (then === 'rest' || this.#mute.has(from)) return
    this.#mute.add(from)
    if (then === 'end') this.#ends[opposite(from)].close().catch(() => {})
  }

  #send(from: Side, messages: readonly Uint8Array[]): void {
    const far = this.#ends[opposite(from)]
    for (const bytes of messages) {
      if (bytes.byteLength > 0 && !this.#mute.has(from) && isLive(far)) far.send(bytes)
    }
  }
}

function isLive({ status }: MessageStream): boolean {
  return status === 'open' || status === 'closing'
}
