// What goes in comes out as much later as a link of that latency takes, in its order.

export class DelayLine {
  /** Bytes on their way. */
  bytes = 0
  #latency
  #deliver
  #clock
  #waiting = []
  #scheduled = false

  /**
   * `latency`: ms; with 0 all comes out at once. `deliver(chunk)` is called with each chunk, and with `undefined` for the end. `clock`:
   * `{ now, setTimeout(callback, ms) }`.
   */
  constructor(latency, deliver, clock) {
    this.#latency = latency
    this.#deliver = deliver
    this.#clock = clock
  }

  push(chunk) {
    if (this.#latency === 0) return this.#deliver(chunk)
    this.bytes += chunk?.byteLength ?? 0
    this.#waiting.push({ chunk, due: this.#clock.now + this.#latency })
    this.#schedule()
  }

  #schedule() {
    if (this.#scheduled || this.#waiting.length === 0) return
    this.#scheduled = true
    this.#clock.setTimeout(() => this.#onTime(), Math.max(0, this.#waiting[0].due - this.#clock.now))
  }

  #onTime() {
    this.#scheduled = false
    const { now } = this.#clock
    while (this.#waiting.length > 0 && this.#waiting[0].due <= now) {
      const { chunk } = this.#waiting.shift()
      this.bytes -= chunk?.byteLength ?? 0
      this.#deliver(chunk)
    }
    this.#schedule()
  }
}
