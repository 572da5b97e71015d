import type { ResourceScope } from '@weft/resources'

// Unsent bytes are charged by as many at a time: a stream that keeps up is never charged, whatever its frames, and a thousand
// streams may each wait with a message of 64 KiB and the name of its protocol.
const unsentStep = 68 * 1024

/** What one stream or connection has been charged in its scope: the bytes that lie unread, and those that are unsent. */
export class StreamAccount {
  readonly scope: ResourceScope
  private _unread = 0
  /** Unsent bytes that it was told of last, and those that are charged. */
  private _toldUnsent = 0
  private _unsent = 0

  constructor(scope: ResourceScope) {
    this.scope = scope
  }

  /** Charges `byteLength` unread bytes in all. Returns the scope that has no room for them: what was charged before then stays. */
  chargeUnread(byteLength: number): ResourceScope | undefined {
    const more = byteLength - this._unread
    if (more < 0) this.scope.release('memory', -more)
    const exhausted = more > 0 ? this.scope.tryReserve('memory', more) : undefined
    if (exhausted === undefined) this._unread = byteLength
    return exhausted
  }

  /**
   * Charges `byteLength` unsent bytes in all, once they have changed by a step. `allowPart`: the writer was not told to wait.
   * Throws `ResourceLimitError`, and leaves what was charged before, if there is no room.
   */
  chargeUnsent(byteLength: number, allowPart: boolean): void {
    const more = byteLength - this._toldUnsent
    if (Math.abs(more) < unsentStep && (byteLength > 0 || more === 0)) return
    // What a muxer has given to its connection is the muxer's to charge.
    if (this.scope.kind !== 'stream') return
    if (more < 0) {
      const given = Math.max(0, this._unsent - byteLength)
      this.scope.releaseUnsent(given)
      this._unsent -= given
    } else {
      this._unsent += this.scope.holdUnsent(more, allowPart)
    }
    this._toldUnsent = byteLength
  }

  /** Gives everything back: the stream is charged elsewhere from now on. */
  release(): void {
    this.scope.release('memory', this._unread)
    this.scope.releaseUnsent(this._unsent)
    this._unread = this._toldUnsent = this._unsent = 0
  }
}
