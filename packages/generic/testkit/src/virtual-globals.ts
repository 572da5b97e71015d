/**
 * The timers and clocks of one thread, taken over: `setTimeout`, `setInterval`, `setImmediate` and what clears them, `Date`,
 * `performance.now()` and `AbortSignal.timeout()`. Whole nodes live on virtual time then. Promises, `queueMicrotask` and
 * `process.nextTick` stay as they are. What a module took for itself before, or from `node:timers`, stays real.
 */
import { TestkitError } from './errors.ts'
import { type TimerHandle, VirtualClock } from './virtual-clock.ts'

/** How the globals are taken over. */
export interface VirtualGlobalsOptions {
  /** The time. Default: a clock of its own, at 0. */
  readonly clock?: VirtualClock
  /** What `Date.now()` is where the clock is at 0, ms since 1970. Default the first moment of 2026, UTC. */
  readonly epoch?: number
}

/** The first moment of 2026: after any certificate that is made is valid, and the same in each run. */
const defaultEpoch = Date.UTC(2026, 0, 1)

/** One hour, in ms, as `VirtualClock`'s. */
const defaultLimit = 3_600_000

/** Turns in which nothing that waits comes about: something waits for the world outside, or for nothing. */
const maxIdleTurns = 1000

const takenSymbol: unique symbol = Symbol.for('@weft/testkit/virtual-globals') as never

type Callback = (...args: unknown[]) => void
type Globals = Record<PropertyKey, unknown> & {
  setImmediate?: (callback: () => void) => unknown
  MessageChannel?: new () => { port1: MessageEnd; port2: MessageEnd }
}
interface MessageEnd {
  onmessage: (() => void) | null
  postMessage(message: unknown): void
  close(): void
}

const world = globalThis as unknown as Globals

/** The globals while they are taken over. `restore()` gives them back, and must be called. */
export class VirtualGlobals {
  /** The time. Its own methods fire timers without letting promises run in between: use those here. */
  readonly clock: VirtualClock
  private readonly _epoch: number
  private readonly _turn = turns()
  private readonly _immediates = new Map<VirtualTimer, () => void>()
  private readonly _timers = new Map<number, VirtualTimer>()
  private readonly _saved: Array<[object, PropertyKey, PropertyDescriptor | undefined]> = []

  /** Takes them over. Throws `TestkitError` where somebody has. */
  constructor(options: VirtualGlobalsOptions = {}) {
    if (world[takenSymbol] !== undefined) throw new TestkitError('ERR_GLOBALS_TAKEN', 'the globals are taken over')
    this.clock = options.clock ?? new VirtualClock()
    this._epoch = options.epoch ?? defaultEpoch
    this._takeTimers()
    this._takeClocks()
    this._put(world, takenSymbol, true)
  }

  /** Gives the globals back. Timers that are set are forgotten. Idempotent. */
  restore(): void {
    for (const [owner, name, descriptor] of this._saved.splice(0).reverse()) {
      if (descriptor === undefined) Reflect.deleteProperty(owner, name)
      else Object.defineProperty(owner, name, descriptor)
    }
    for (const timer of this._timers.values()) this.clock.clearTimeout(timer.handle)
    this._timers.clear()
    this._immediates.clear()
  }

  /** Timers that are set, of these globals. */
  get pending(): number {
    return this._timers.size
  }

  /** Resolves when nothing is left to do at this time. */
  async settle(): Promise<void> {
    do await this._turn.next()
    while (this._runImmediates())
  }

  /** Moves the time by `ms`, firing what is due on the way, and lets promises run behind each timer. */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now + ms
    await this.settle()
    while ((this.clock.nextAt ?? Number.POSITIVE_INFINITY) <= end) await this._fireNext()
    this.clock.advanceTo(end)
    await this.settle()
  }

  /**
   * Moves the time until `awaited` settles, and settles as it does. Throws `TestkitError` where it has not within `limit` ms
   * (one hour) of virtual time, or where no timer is left and 1,000 turns have brought nothing.
   */
  async until<T>(awaited: PromiseLike<T>, limit: number = defaultLimit): Promise<T> {
    const end = this.clock.now + limit
    let over = false
    const note = (): void => {
      over = true
    }
    awaited.then(note, note)
    let idle = 0
    for (;;) {
      await this.settle()
      if (over) return awaited
      const next = this.clock.nextAt
      if (next !== undefined && next > end) {
        throw new TestkitError('ERR_CLOCK_RUNAWAY', `what is awaited did not come within ${limit} ms`)
      }
      if (next !== undefined) await this._fireNext()
      // Work of other threads, such as asymmetric cryptography, takes no virtual time.
      else if (++idle > maxIdleTurns) throw new TestkitError('ERR_CLOCK_RUNAWAY', 'nothing is left that could happen')
    }
  }

  // One timer alone: promises run before the next, as they do in any engine.
  private async _fireNext(): Promise<void> {
    this.clock.runNext()
    await this.settle()
  }

  private _runImmediates(): boolean {
    if (this._immediates.size === 0) return false
    // Those that are set meanwhile have their turn next.
    for (const [timer, run] of [...this._immediates]) if (this._immediates.delete(timer)) run()
    return true
  }

  private _takeTimers(): void {
    const set = (callback: Callback, delay: unknown, args: unknown[], repeats: boolean): VirtualTimer => {
      // As Node and browsers do: at least 1 ms, and what is no number, or too much, is that.
      const ms = Number(delay)
      const wait = ms >= 1 && ms <= 0x7fffffff ? ms : 1
      const timer: VirtualTimer = new VirtualTimer(() => {
        if (repeats) timer.arm(this.clock, wait)
        else this._timers.delete(timer.id)
        callback(...args)
      })
      timer.refresh = () => {
        if (timer.handle !== undefined) this.clock.clearTimeout(timer.handle)
        this._timers.set(timer.id, timer)
        timer.arm(this.clock, wait)
        return timer
      }
      return timer.refresh()
    }
    const clear = (timer: unknown): void => {
      const known = this._timers.get(Number(timer))
      if (known === undefined) return
      this._timers.delete(known.id)
      this.clock.clearTimeout(known.handle)
    }
    this._put(world, 'setTimeout', (callback: Callback, delay?: unknown, ...args: unknown[]) =>
      set(callback, delay, args, false)
    )
    this._put(world, 'setInterval', (callback: Callback, delay?: unknown, ...args: unknown[]) =>
      set(callback, delay, args, true)
    )
    this._put(world, 'clearTimeout', clear)
    this._put(world, 'clearInterval', clear)
    if (world.setImmediate === undefined) return
    this._put(world, 'setImmediate', (callback: Callback, ...args: unknown[]) => {
      const timer = new VirtualTimer(() => {})
      this._immediates.set(timer, () => callback(...args))
      return timer
    })
    this._put(world, 'clearImmediate', (timer: VirtualTimer) => void this._immediates.delete(timer))
  }

  private _takeClocks(): void {
    const wallClock = (): number => this._epoch + Math.floor(this.clock.now)
    const RealDate = Date
    class VirtualDate extends RealDate {
      constructor(...args: unknown[]) {
        super(...((args.length === 0 ? [wallClock()] : args) as [number]))
      }

      static override now(): number {
        return wallClock()
      }
    }
    this._put(world, 'Date', VirtualDate)
    const clock = world['performance'] as object
    this._put(clock, 'now', () => this.clock.now)
    const { AbortController: Controller, AbortSignal: Signal } = world as unknown as AbortGlobals
    this._put(Signal, 'timeout', (ms: number) => {
      const controller = new Controller()
      const reason = new (world as unknown as AbortGlobals).DOMException(
        'The operation was aborted due to timeout',
        'TimeoutError'
      )
      this.clock.setTimeout(() => controller.abort(reason), ms)
      return controller.signal
    })
  }

  private _put(owner: object, name: PropertyKey, value: unknown): void {
    this._saved.push([owner, name, Object.getOwnPropertyDescriptor(owner, name)])
    Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: true })
  }
}

interface AbortGlobals {
  AbortController: new () => { signal: unknown; abort(reason: unknown): void }
  AbortSignal: { timeout(ms: number): unknown }
  DOMException: new (message: string, name: string) => unknown
}

/** What `setTimeout` returns: an object as Node's, which counts as its number where a browser's would be one. */
class VirtualTimer {
  private static _lastId = 0
  readonly id: number = ++VirtualTimer._lastId
  handle: TimerHandle | undefined
  /** Starts anew. */
  refresh: () => VirtualTimer = () => this
  private readonly _fire: () => void

  constructor(fire: () => void) {
    this._fire = fire
  }

  arm(clock: VirtualClock, delay: number): void {
    this.handle = clock.setTimeout(this._fire, delay)
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  hasRef(): boolean {
    return true
  }

  [Symbol.toPrimitive](): number {
    return this.id
  }
}

/** Turns of the real event loop: microtasks have all run when one resolves. */
function turns(): { next: () => Promise<void> } {
  const { setImmediate: later, MessageChannel: Channel } = world
  if (later !== undefined) return { next: () => new Promise(resolve => later(resolve)) }
  return {
    next: () =>
      new Promise(resolve => {
        const { port1, port2 } = new Channel!()
        port1.onmessage = () => {
          port1.close()
          resolve()
        }
        port2.postMessage(0)
      })
  }
}
