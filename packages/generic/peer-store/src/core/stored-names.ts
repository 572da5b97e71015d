/** The names of stored peers, the one that was updated last at the end, and the bytes that they take together. */
export class StoredNames {
  private readonly _sizes = new Map<string, number>()
  private _byteLength = 0

  /** Bytes of all. */
  get byteLength(): number {
    return this._byteLength
  }

  /** Number of names. */
  get size(): number {
    return this._sizes.size
  }

  /** The name that was put last longest ago. */
  get first(): string | undefined {
    return this._sizes.keys().next().value
  }

  /** The bytes of one; `undefined` where it is not there. */
  get(name: string): number | undefined {
    return this._sizes.get(name)
  }

  /** Puts a name last, with so many bytes. */
  putLast(name: string, size: number): void {
    this.delete(name)
    this._sizes.set(name, size)
    this._byteLength += size
  }

  /** Takes a name away. */
  delete(name: string): void {
    this._byteLength -= this._sizes.get(name) ?? 0
    this._sizes.delete(name)
  }
}
