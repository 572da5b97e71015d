import type { AbortOptions } from '@libp2p/interface'
import { abortReason, throwIfAborted } from '@weft/errors'
import { onAbort } from '@weft/interface-connection'

/** How a turn is waited for. */
export interface TurnOptions extends AbortOptions {
  /** What takes the turn, for `holder()`. */
  holder?: object
  /** Whether it comes before all that wait already. @default false */
  first?: boolean
}

interface Waiting {
  readonly holder: object | undefined
  readonly begin: () => void
}

interface Line {
  holder: object | undefined
  readonly waiting: Waiting[]
}

/** Lets one do something at a time, for each key: the others wait in the order in which they came. */
export class Turns<K> {
  private readonly _lines = new Map<K, Line>()

  /** What has the turn; `undefined` where nothing has. */
  holder(key: K): object | undefined {
    return this._lines.get(key)?.holder
  }

  /** Resolves at one's turn with what ends it, which is owed. Rejects with the signal's reason if that fires before. */
  async take(key: K, { signal, holder, first = false }: TurnOptions = {}): Promise<() => void> {
    throwIfAborted(signal)
    const line = this._lines.get(key)
    if (line === undefined) {
      this._lines.set(key, { holder, waiting: [] })
      return () => this._next(key)
    }
    await new Promise<void>((resolve, reject) => {
      let forget: (() => void) | undefined
      const waiting: Waiting = {
        holder,
        begin() {
          forget?.()
          resolve()
        }
      }
      if (first) line.waiting.unshift(waiting)
      else line.waiting.push(waiting)
      if (signal === undefined) return
      forget = onAbort(signal, () => {
        line.waiting.splice(line.waiting.indexOf(waiting), 1)
        reject(abortReason(signal))
      })
    })
    return () => this._next(key)
  }

  private _next(key: K): void {
    const line = this._lines.get(key)!
    const next = line.waiting.shift()
    line.holder = next?.holder
    if (next === undefined) this._lines.delete(key)
    else next.begin()
  }
}

const pingTurns: unique symbol = Symbol.for('@weft/ping-turns') as never

/**
 * The turns of a node's pings, by peer: a node has one outbound ping stream a peer (ping.md), whoever pings. They stand on
 * the connection manager, which all who ping have.
 */
export function pingTurnsOf(connectionManager: object): Turns<string> {
  const owner = connectionManager as { [pingTurns]?: Turns<string> }
  owner[pingTurns] ??= new Turns<string>()
  return owner[pingTurns]
}
