import type { AheadStream, SessionStreamState } from '@weft/interface-stream-muxer'
import { initialWindow } from './frame.ts'

/** What a session knows of one stream. The adapter keeps its own object in `handle`. */
export class StreamState<Handle> implements SessionStreamState<Handle>, AheadStream {
  readonly id: number
  readonly outbound: boolean
  handle: Handle | undefined
  /** Bytes that may still be sent. */
  sendWindow: number = initialWindow
  /** Bytes that the remote may still send. */
  receiveWindow: number = initialWindow
  /** The size that the receive window is kept at. */
  targetWindow: number = initialWindow
  /** Bytes received and not yet consumed. */
  buffered = 0
  /** When credit was last granted. */
  grantedAt: number
  /** When the first payload since then came; below 0 if none has. */
  burstAt = -1
  ahead = 0
  acknowledged: boolean
  /** Frames of payload that were sent and for which no window update has come. */
  framesToCredit = 0
  carriedPayload = false
  localFin = false
  remoteFin = false

  constructor(id: number, outbound: boolean, now: number) {
    this.id = id
    this.outbound = outbound
    this.acknowledged = !outbound
    this.grantedAt = now
  }
}
