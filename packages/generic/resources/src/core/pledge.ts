/**
 * Memory of the node that one connection can always have: a share of the system's limit that counts as taken, whether the
 * connection uses it or not. Others share what is left.
 */

/** What a connection was promised, and what it and its streams hold of it. Bytes. */
export class Pledge {
  private _size = 0
  private _held = 0

  /** What was promised. */
  get size(): number {
    return this._size
  }

  /** What of the promise is not used. */
  get unused(): number {
    return this._held > 0 ? Math.max(0, this._size - this._held) : this._size
  }

  /** What is held beyond the promise. */
  get beyond(): number {
    return Math.max(0, this._held - this._size)
  }

  /** Promises so much from now on. Returns by how much more is now unused. */
  resize(size: number): number {
    const before = this.unused
    this._size = size
    return this.unused - before
  }

  /** The connection holds so much more, or less. Returns by how much more is now unused. */
  hold(bytes: number): number {
    const before = this.unused
    this._held += bytes
    return this.unused - before
  }
}
