import type { Logger } from '@libp2p/interface'
import { guarded } from '@weft/interface-connection'
import type { Action } from './core/model.ts'
import type { DialScheduler } from './core/scheduler.ts'
import type { DialTargetAddress } from './dial-address.ts'

/** Gives the dial scheduler a clock and a timer, and has its actions carried out. */
export class SchedulerDriver {
  readonly scheduler: DialScheduler<DialTargetAddress>
  private readonly _act: (action: Action<DialTargetAddress>) => void
  private readonly _log: Logger
  private _timer: ReturnType<typeof setTimeout> | undefined
  private _timerAt = Number.POSITIVE_INFINITY
  private _pumping = false

  /** @param act - carries out an action, in order; it may tell the scheduler of events itself */
  constructor(
    scheduler: DialScheduler<DialTargetAddress>,
    act: (action: Action<DialTargetAddress>) => void,
    log: Logger
  ) {
    this.scheduler = scheduler
    this._act = act
    this._log = log
  }

  /** Tells the scheduler of an event at the present time, and does what follows from it. */
  tell(event: (scheduler: DialScheduler<DialTargetAddress>, now: number) => void): void {
    event(this.scheduler, performance.now())
    this.pump()
  }

  /** Does what the scheduler wants done, and sets the timer. */
  pump(): void {
    // What an action does may come back here: the loop that runs takes it up.
    if (this._pumping) return
    this._pumping = true
    try {
      for (let list = this.scheduler.takeActions(); list.length > 0; list = this.scheduler.takeActions()) {
        for (const action of list) this._act(action)
      }
    } finally {
      this._pumping = false
    }
    this._setTimer()
  }

  private _setTimer(): void {
    const at = this.scheduler.wakeAt ?? Number.POSITIVE_INFINITY
    if (at === this._timerAt) return
    clearTimeout(this._timer)
    this._timerAt = at
    if (at === Number.POSITIVE_INFINITY) return
    this._timer = setTimeout(
      guarded({ log: this._log }, () => {
        this._timerAt = Number.POSITIVE_INFINITY
        this.tell((scheduler, now) => scheduler.tick(now))
      }),
      Math.max(0, at - performance.now())
    )
  }
}
