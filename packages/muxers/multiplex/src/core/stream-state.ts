import type { StreamId } from './frame.ts'

/** What a session knows of one stream. The adapter keeps its own object in `handle`. */
export class StreamState<Handle> {
  readonly id: StreamId
  readonly outbound: boolean
  handle: Handle | undefined
  /** Bytes received and not yet consumed. */
  buffered = 0
  /** Its reader was waited for in vain, and has not come since. */
  waitedFor = false
  carriedPayload = false
  localFin = false
  remoteFin = false

  constructor(id: StreamId, outbound: boolean) {
    this.id = id
    this.outbound = outbound
  }
}
