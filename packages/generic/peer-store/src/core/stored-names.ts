/** The names of stored peers, the one that was updated last at the end, and the bytes that they take together. */
export class StoredNames {
  readonly #sizes = new Map<string, number>()
  #byteLength = 0

  /** Bytes of all. */
  get byteLength(): number {
    return this.#byteLength
  }

  /** Number of names. */
  get size(): number {
    return this.#sizes.size
  }

  /** The name that was put last longest ago. */
  get first(): string | undefined {
    return this.#sizes.keys().next().value
  }

  /** The bytes of one; `undefined` where it is not there. */
  get(name: string): number | undefined {
    return this.#sizes.get(name)
  }

  /** Puts a name last, with so many bytes. */
  putLast(name: string, size: number): void {
    this.delete(name)
    this.#sizes.set(name, size)
    this.#byteLength += size
  }

  /** Takes a name away. */
  delete(name: string): void {
    this.#byteLength -= this.#sizes.get(name) ?? 0
    this.#sizes.delete(name)
  }
}
