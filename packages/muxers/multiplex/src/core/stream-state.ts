import type { StreamId } from './frame.ts'

/** The state of one stream. The adapter stores its own object in `handle`. */
export class StreamState<Handle> {
  readonly id: StreamId
  readonly outbound: boolean
  handle: Handle | undefined
  /** Bytes received and not yet consumed. */
  buffered = 0
  /** Its reader was awaited without result, and has not read since. */
  waitedFor = false
  carriedPayload = false
  localFin = false
  remoteFin = false

  constructor(id: StreamId, outbound: boolean) {
    this.id = id
    this.outbound = outbound
  }
}
