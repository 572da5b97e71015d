import type { AheadStream, SessionStreamState } from '@weft/interface-stream-muxer'
import { ReceiveWindow } from './receive-window.ts'

/** What a session knows of one stream. The adapter keeps its own object in `handle`. */
export class StreamState<Handle> implements SessionStreamState<Handle>, AheadStream {
  readonly id: number
  readonly outbound: boolean
  readonly receive: ReceiveWindow
  handle: Handle | undefined
  /** Bytes that may still be sent; below 0 where the remote has made the window smaller, or counts nothing. */
  sendWindow: number
  waitsForCredit = false
  ahead = 0
  /** Frames of payload that were sent and for which no credit has come. */
  framesToCredit = 0
  /** Whether the remote has answered by SYN_REPLY. */
  answered = false
  carriedPayload = false
  localFin = false
  remoteFin = false

  constructor(id: number, outbound: boolean, sendWindow: number, receiveWindow: number) {
    this.id = id
    this.outbound = outbound
    this.sendWindow = sendWindow
    this.receive = new ReceiveWindow(receiveWindow)
  }
}

/** The stream with the most unread bytes. */
export function fullestOf<Handle>(streams: Iterable<StreamState<Handle>>): StreamState<Handle> | undefined {
  let fullest: StreamState<Handle> | undefined
  for (const stream of streams) {
    if (fullest === undefined || stream.receive.buffered > fullest.receive.buffered) fullest = stream
  }
  return fullest
}
