import { maxPlaintextLength } from './core/constants.ts'

/** Joins runs of small parts in a reused buffer: a new buffer for each would cost more than the copy. */
export class RunBuffer {
  private _scratch: Uint8Array | undefined

  /** The bytes of `parts` from `start` to `end`: one part as it is, several in a view that the next call overwrites. */
  join(parts: readonly Uint8Array[], start: number = 0, end: number = parts.length): Uint8Array {
    if (end - start === 1) return parts[start]!
    this._scratch ??= new Uint8Array(maxPlaintextLength)
    let at = 0
    for (let i = start; i < end; i++) {
      this._scratch.set(parts[i]!, at)
      at += parts[i]!.byteLength
    }
    return this._scratch.subarray(0, at)
  }
}
