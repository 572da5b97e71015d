/**
 * What an event costs the dial scheduler while very many dials wait for a token: that must grow no faster than log n.
 *
 *     node --conditions=weft-source benchmarks/micro/dial-scheduler.ts    (Node 24)
 */
import { Bench } from 'tinybench'
import type { DialAddress } from '../../packages/swarm/dialer/src/core/model.ts'
import { DialScheduler } from '../../packages/swarm/dialer/src/core/scheduler.ts'

const sizes = [1000, 10_000, 100_000]
const events = ['dial and leave', 'fail, hand the token on', 'connect, hand the token on', 'tick, an attempt is late']
type Event = (typeof events)[number]

const address = (text: string): DialAddress => ({ text, tokenClass: 'fd', reach: 'public', rank: 0, source: 'caller' })

// Made once: an error costs more than the event.
const refused = new Error('refused')

/** A scheduler whose every token is out, with `size` dials that wait for one. Each event leaves as many waiting. */
class Crowd {
  readonly scheduler = new DialScheduler({
    maxParallelDials: Number.POSITIVE_INFINITY,
    maxDials: Number.POSITIVE_INFINITY
  })
  private readonly _running: number[] = []
  private _aborted: number[] = []
  private _now = 0
  private _peers = 0

  constructor(size: number) {
    for (let i = 0; i < size + 160; i++) {
      // One is late at a time.
      this._now++
      this._dial()
    }
  }

  run(event: Event): void {
    // Time passes, so that timers do not all have one due time.
    this._now += 0.001
    if (event === 'dial and leave') {
      this.scheduler.leave(this._dial(), this._now)
    } else if (event === 'tick, an attempt is late') {
      this._now = this.scheduler.wakeAt!
      this.scheduler.tick(this._now)
      this._take()
      for (const attempt of this._aborted.splice(0)) {
        this.scheduler.attemptFailed(attempt, refused, this._now)
        this._dial()
      }
    } else {
      const attempt = this._running.shift()!
      if (event.startsWith('fail')) this.scheduler.attemptFailed(attempt, refused, this._now)
      else this.scheduler.attemptSucceeded(attempt, this._now)
      this._dial()
    }
    this._take()
  }

  check(size: number): void {
    const { used, waiting } = this.scheduler.usage('fd')
    if (used !== 160 || waiting !== size) throw new Error(`${used} tokens are out, ${waiting} attempts wait`)
  }

  private _dial(): number {
    const { caller, dial } = this.scheduler.dialPeer(`${this._peers++}`, undefined, { sources: ['caller'] }, this._now)
    this.scheduler.addAddresses(dial!, [address('/a')], this._now)
    this.scheduler.sourceEnded(dial!, 'caller', this._now)
    this._take()
    return caller
  }

  private _take(): void {
    for (const action of this.scheduler.takeActions()) {
      if (action.type === 'start') this._running.push(action.attempt)
      else if (action.type === 'abort' && action.reason === 'timeout') {
        this._aborted.push(action.attempt)
        this._running.splice(this._running.indexOf(action.attempt), 1)
      }
    }
  }
}

const bench = new Bench({ time: 1000, warmupTime: 300 })
const crowds: Array<[Crowd, number]> = []
for (const size of sizes) {
  for (const event of events) {
    const crowd = new Crowd(size)
    crowds.push([crowd, size])
    bench.add(`${event}, ${size} wait`, () => crowd.run(event))
  }
}
await bench.run()
for (const [crowd, size] of crowds) crowd.check(size)
for (const { name, result } of bench.tasks) {
  if (result.state !== 'completed') throw new Error(`${name} did not complete`)
  const { p50, mean } = result.latency
  console.log(name.padEnd(45), `median ${(p50 * 1000).toFixed(2)} us, mean ${(mean * 1000).toFixed(2)} us`)
}
