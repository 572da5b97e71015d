import { Backoff } from './backoff.ts'
import { BlackHole } from './black-hole.ts'
import type { SchedulerLimits } from './limits.ts'
import type { DialAddress, Path } from './model.ts'

/** What earlier dials tell about an address. */
export class AddressHistory {
  readonly backoff: Backoff
  private readonly _holes: Readonly<Record<Path, BlackHole>>

  constructor(limits: SchedulerLimits) {
    this.backoff = new Backoff(limits)
    this._holes = { udp: new BlackHole(limits), ip6: new BlackHole(limits) }
  }

  /** Why an address is not tried. Counts the question. */
  refusal({ reach, paths = [] }: DialAddress): string | undefined {
    const hole = reach === 'public' ? paths.find(path => !this._holes[path].allows()) : undefined
    return hole === undefined ? undefined : `${hole} seems to lead nowhere`
  }

  succeeded(peer: string, address: DialAddress): void {
    this.backoff.clear(peer, address.text)
    this._record(address, true)
  }

  failed(peer: string, address: DialAddress, now: number): void {
    this.backoff.failed(peer, address.text, now)
    this._record(address, false)
  }

  private _record({ reach, paths = [] }: DialAddress, success: boolean): void {
    if (reach === 'public') for (const path of paths) this._holes[path].record(success)
  }
}
