/**
 * Whether a handshake brings enough for the time in which it is waited for. The time limit of a handshake alone lets
 * whoever sends next to nothing hold a place for all of it.
 */

/**
 * Milliseconds that a handshake may be waited for whatever it brings. A round trip counts as waiting, and an honest
 * handshake has up to four of them; a packet that is lost twice in a row comes after 1 s and 2 s more (RFC 6298).
 */
export const handshakeGrace = 3_000

/**
 * Milliseconds between two looks at a handshake. No more is counted between two of them: when a node is busy and looks
 * late, it has not read what came meanwhile either.
 */
export const lookInterval = 500

/** The time in which one handshake was waited for. All times are in ms, and never go back. */
export class Pace {
  private _waited = 0
  private _since: number | undefined

  /** From now on the remote is waited for. */
  resume(now: number): void {
    this._since ??= now
  }

  /** It is not: this node has something else to do. */
  pause(now: number): void {
    this._count(now)
    this._since = undefined
  }

  /**
   * Whether the handshake is to be given up. To be asked once in `lookInterval`.
   * @param received - bytes that it has brought
   * @param minRate - those that it must bring for each second after `handshakeGrace`, more than 0
   */
  isTooSlow(received: number, minRate: number, now: number): boolean {
    this._count(now)
    return this._waited >= handshakeGrace + (received / minRate) * 1000
  }

  private _count(now: number): void {
    if (this._since === undefined) return
    this._waited += Math.min(now - this._since, lookInterval)
    this._since = now
  }
}
