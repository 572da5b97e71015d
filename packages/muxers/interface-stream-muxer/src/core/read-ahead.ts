// What is granted at once: as often as a stream at its initial window is granted credit by its reader.
const step = 256 * 1024
// Less than this is worth no frame.
const least = 16 * 1024

/** A stream that may hold more than its window. */
export interface AheadStream {
  /** Bytes granted beyond the window and not yet read. */
  ahead: number
}

/**
 * What streams that nobody reads yet may take beyond their windows: a caller that sends all of a request before it reads the
 * answer would otherwise wait for ever. First come, first served; the initial windows of all streams come before it.
 */
export class ReadAhead {
  private readonly _size: number
  private readonly _most: number
  private _granted = 0

  /**
   * @param size - bytes that may lie unread in the connection
   * @param most - bytes that all streams together may have ahead
   */
  constructor(size: number, most: number) {
    this._size = size
    this._most = most
  }

  /**
   * Grants a stream more. Returns the credit, 0 for none.
   *
   * @param wanted - bytes that it may still be given
   * @param windows - bytes of the initial windows of all open streams
   */
  take(stream: AheadStream, wanted: number, windows: number): number {
    const room = Math.min(this._most, this._size - windows) - this._granted
    const credit = Math.min(step, wanted, room)
    if (credit < least) return 0
    stream.ahead += credit
    this._granted += credit
    return credit
  }

  /** The stream has only so much ahead now. */
  giveBack(stream: AheadStream, left: number): void {
    if (left >= stream.ahead) return
    this._granted -= stream.ahead - left
    stream.ahead = left
  }
}
