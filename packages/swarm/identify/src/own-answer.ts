/** What every answer of this node says alike. */
import type { IdentifyComponents } from './components.ts'
import type { IdentifyMessage } from './core/message.ts'
import { type Host, ownMessage } from './own-message.ts'

/**
 * Milliseconds. To find the addresses of a listener on all interfaces costs a tenth of a millisecond and more, a listener is
 * asked hundreds of times in a second, and nothing tells of a new interface.
 */
export const maxAnswerAge = 1000

interface Kept {
  message: Promise<IdentifyMessage>
  protocols: readonly string[]
  /** As `performance.now()`. */
  until: number
}

/** The answer's own part. It is made anew when protocols change, after `forget`, and once it is `maxAnswerAge` old. */
export class OwnAnswer {
  private readonly _components: IdentifyComponents
  private readonly _host: Host
  private _kept: Kept | undefined

  constructor(components: IdentifyComponents, host: Host) {
    this._components = components
    this._host = host
  }

  /** Rejects where the record cannot be signed; the next call tries again. */
  get(): Promise<IdentifyMessage> {
    const protocols = this._components.registrar.getProtocols()
    const now = performance.now()
    if (this._kept === undefined || now >= this._kept.until || !isSame(protocols, this._kept.protocols)) {
      this._kept = this._make(protocols, now + maxAnswerAge)
    }
    return this._kept.message
  }

  /** The node has changed. */
  forget(): void {
    this._kept = undefined
  }

  private _make(protocols: readonly string[], until: number): Kept {
    const kept: Kept = { message: ownMessage(this._components, this._host, true), protocols, until }
    kept.message.catch(() => {
      if (this._kept === kept) this._kept = undefined
    })
    return kept
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}
