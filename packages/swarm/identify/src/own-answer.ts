/** What every answer of this node says alike. */
import type { AddressReach } from './address-reach.ts'
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
  /** By where the peers are that are answered. */
  private readonly _kept = new Map<AddressReach, Kept>()

  constructor(components: IdentifyComponents, host: Host) {
    this._components = components
    this._host = host
  }

  /** What peers of that scope are told. Rejects where the record cannot be signed; the next call tries again. */
  get(scope: AddressReach): Promise<IdentifyMessage> {
    const protocols = this._components.registrar.getProtocols()
    const now = performance.now()
    let kept = this._kept.get(scope)
    if (kept === undefined || now >= kept.until || !isSame(protocols, kept.protocols)) {
      kept = this._make(scope, protocols, now + maxAnswerAge)
      this._kept.set(scope, kept)
    }
    return kept.message
  }

  /** The node has changed. */
  forget(): void {
    this._kept.clear()
  }

  private _make(scope: AddressReach, protocols: readonly string[], until: number): Kept {
    const kept: Kept = { message: ownMessage(this._components, this._host, true, scope), protocols, until }
    kept.message.catch(() => {
      if (this._kept.get(scope) === kept) this._kept.delete(scope)
    })
    return kept
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}
