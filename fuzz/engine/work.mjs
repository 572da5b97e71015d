// How much a target did for an input: branches taken, and bytes copied. Counted, not timed: it is the same on any machine.

/** Counters of all files of a target together. What has more loses those behind. */
const mapSize = 1 << 16
/**
 * Units that an input may cost whatever its length, and for each of its bytes: five times what the costliest target takes. What
 * grows with the square of the length comes past it. A target that needs more says why.
 */
const defaultCost = { base: 50_000, perByte: 200 }
/** So many copied bytes cost as much as a branch. */
const bytesPerUnit = 16

export class Work {
  /** The most units of an input, and its length. */
  costliest = { units: 0, length: 0 }
  #map = new Uint32Array(mapSize)
  #used = 0
  #copied = 0

  constructor() {
    // Each instrumented file asks for its part as it is loaded.
    globalThis.__branchesOf = count => {
      const part = this.#map.subarray(this.#used, this.#used + count)
      this.#used = Math.min(mapSize, this.#used + count)
      return part
    }
    const typedArrays = Object.getPrototypeOf(Uint8Array.prototype)
    const { set, slice } = typedArrays
    const count = length => void (this.#copied += length)
    typedArrays.set = function (source, offset) {
      count(source.length)
      return set.call(this, source, offset)
    }
    typedArrays.slice = function (start, end) {
      const bytes = slice.call(this, start, end)
      count(bytes.length)
      return bytes
    }
  }

  /** How often each branch was taken since `reset()`. To be read once the target is loaded. */
  get taken() {
    return this.#map.subarray(0, this.#used)
  }

  reset() {
    this.#map.fill(0, 0, this.#used)
    this.#copied = 0
  }

  /** Says so where an input of that length cost more than it may. */
  excess(length, { base = defaultCost.base, perByte = defaultCost.perByte }) {
    let units = Math.floor(this.#copied / bytesPerUnit)
    for (let i = 0; i < this.#used; i++) units += this.#map[i]
    if (units > this.costliest.units) this.costliest = { units, length }
    const allowed = base + perByte * length
    return units > allowed ? `${length} bytes cost ${units} units of work, at most ${allowed} are right` : undefined
  }
}
