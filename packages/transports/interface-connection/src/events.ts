import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes arrived: as they came, also those that had to wait. */
export class StreamMessageEvent extends Event {
  /** What arrived. The list and its views belong to the listener. */
  readonly data: Uint8ArrayList

  constructor(data: Uint8ArrayList) {
    super('message')
    this.data = data
  }
}

/** The stream is closed in both directions. `error` is absent after a clean close; `local` tells which side ended it. */
export class StreamCloseEvent extends Event {
  /** Whether this side ended the stream; absent where that is not known. */
  readonly local?: boolean
  /** Why the stream broke; absent after a clean close. */
  readonly error?: Error

  constructor(local?: boolean, error?: Error) {
    super('close')
    if (local !== undefined) this.local = local
    if (error !== undefined) this.error = error
  }
}
