/** What a session knows of one stream. The adapter keeps its own object in `handle`. */
export class StreamState<Handle> {
  readonly id: number
  readonly outbound: boolean
  handle: Handle | undefined
  /** Bytes received and not yet consumed. */
  buffered = 0
  /** Its reader was waited for in vain, and has not come since. */
  waitedFor = false
  carriedPayload = false
  localFin = false
  remoteFin = false

  constructor(id: number, outbound: boolean) {
    this.id = id
    this.outbound = outbound
  }
}
