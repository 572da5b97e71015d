/** What the remote may send to a stream or to the session. Credit goes back when half of the window has been read. */
export class ReceiveWindow {
  private readonly _size: number
  /** Bytes that the remote may still send; below 0 for one that does not count. */
  left: number
  /** Bytes received and not yet consumed. */
  buffered = 0

  constructor(size: number) {
    this._size = size
    this.left = size
  }

  received(length: number): void {
    this.left -= length
    this.buffered += length
  }

  /** The reader has taken bytes. Returns the credit to grant now, 0 for not yet. */
  consumed(length: number): number {
    this.buffered -= length
    return this._missing < this._size / 2 ? 0 : this.grant()
  }

  /** Returns the credit for everything that was taken. */
  grant(): number {
    const credit = this._missing
    this.left += credit
    return credit
  }

  /** Bytes that are granted or lie unread beyond the window. */
  get surplus(): number {
    return Math.max(0, -this._missing)
  }

  private get _missing(): number {
    return this._size - this.left - this.buffered
  }
}
