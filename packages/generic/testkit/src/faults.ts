import { TestkitError } from './errors.ts'

/** Faults of a byte stream, placed by offset: the first byte is 0. */
export type Fault =
  /** The stream is reset once `at` bytes have passed. */
  | { readonly kind: 'cut'; readonly at: number }
  /** Nothing passes beyond the first `at` bytes, for `duration` ms; without it, ever. */
  | { readonly kind: 'freeze'; readonly at: number; readonly duration?: number }
  /** A bit of the byte at `at` is flipped; 0 is the least significant, the default. */
  | { readonly kind: 'flip'; readonly at: number; readonly bit?: number }

/** What comes out of an injector: bytes, or a fault that has been reached. */
export type FaultStep = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | Fault

/**
 * Applies faults to a byte stream, whatever carries it. Faults are reached in the order of their offset; a cut or freeze
 * comes before a flip of the byte behind it. The injector only reports cuts and freezes; whoever moves the bytes acts.
 */
export class FaultInjector {
  private readonly _faults: Fault[]
  private _offset = 0

  constructor(faults: readonly Fault[] = []) {
    for (const { kind, at } of faults) {
      if (!Number.isInteger(at) || at < 0) throw new TestkitError('ERR_OPTION', `${kind} at ${at} is no offset`)
    }
    this._faults = faults.toSorted((a, b) => a.at - b.at || Number(a.kind === 'flip') - Number(b.kind === 'flip'))
  }

  /** Bytes that have passed. */
  get offset(): number {
    return this._offset
  }

  /**
   * The next step for the bytes at the head of the stream: up to the next fault, or that fault. Call it with what is
   * left (`offset` tells how many passed) until nothing is. Flips are made in a copy.
   */
  next(bytes: Uint8Array): FaultStep {
    const fault = this._faults[0]
    if (fault !== undefined && fault.at === this._offset) {
      if (fault.kind !== 'flip') {
        this._faults.shift()
        return fault
      }
      if (bytes.byteLength > 0) return this._flip(bytes)
    }
    const until = fault === undefined ? bytes.byteLength : Math.min(bytes.byteLength, fault.at - this._offset)
    this._offset += until
    return { kind: 'bytes', bytes: bytes.subarray(0, until) }
  }

  // The byte goes by itself, with all flips that are placed on it.
  private _flip(bytes: Uint8Array): FaultStep {
    const flipped = new Uint8Array(bytes.subarray(0, 1))
    for (let fault = this._faults[0]; fault?.at === this._offset && fault.kind === 'flip'; fault = this._faults[0]) {
      flipped[0] = flipped[0]! ^ (1 << (fault.bit ?? 0))
      this._faults.shift()
    }
    this._offset++
    return { kind: 'bytes', bytes: flipped }
  }
}
