/**
 * Memory reserved for one connection: a share of the system's limit that counts as used, whether the connection uses it
 * or not. Others share the rest.
 */

/** The reservation of a connection, and what it and its streams use of it, in bytes. */
export class Pledge {
  private _size = 0
  private _held = 0

  /** The reserved amount. */
  get size(): number {
    return this._size
  }

  /** The unused part of the reservation. */
  get unused(): number {
    return this._held > 0 ? Math.max(0, this._size - this._held) : this._size
  }

  /** Usage beyond the reservation. */
  get beyond(): number {
    return Math.max(0, this._held - this._size)
  }

  /** Changes the reservation. Returns the change of its unused part. */
  resize(size: number): number {
    const before = this.unused
    this._size = size
    return this.unused - before
  }

  /** Changes the connection's usage. Returns the change of the unused part. */
  hold(bytes: number): number {
    const before = this.unused
    this._held += bytes
    return this.unused - before
  }
}
