import type { ResourceScope } from '@weft/resources'

/** What a stream has charged to its account for the bytes that lie unread in it. */
export class ReadAccount {
  readonly scope: ResourceScope
  readonly #onRefused: (refusing: ResourceScope) => void
  #charged = 0

  /** @param onRefused - told of the scope that has no room: the bytes are there, but not charged */
  constructor(scope: ResourceScope, onRefused: (refusing: ResourceScope) => void) {
    this.scope = scope
    this.#onRefused = onRefused
  }

  /** So many bytes lie unread. Returns whether all of them are charged. */
  settle(length: number): boolean {
    const more = length - this.#charged
    if (more <= 0) {
      if (more < 0) this.scope.release('memory', -more)
      this.#charged = length
      return true
    }
    const refusing = this.scope.tryReserve('memory', more)
    if (refusing === undefined) this.#charged = length
    else this.#onRefused(refusing)
    return refusing === undefined
  }
}
