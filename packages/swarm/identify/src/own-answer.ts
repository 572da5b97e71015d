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
  readonly #components: IdentifyComponents
  readonly #host: Host
  #kept: Kept | undefined

  constructor(components: IdentifyComponents, host: Host) {
    this.#components = components
    this.#host = host
  }

  /** Rejects where the record cannot be signed; the next call tries again. */
  get(): Promise<IdentifyMessage> {
    const protocols = this.#components.registrar.getProtocols()
    const now = performance.now()
    if (this.#kept === undefined || now >= this.#kept.until || !isSame(protocols, this.#kept.protocols)) {
      this.#kept = this.#make(protocols, now + maxAnswerAge)
    }
    return this.#kept.message
  }

  /** The node has changed. */
  forget(): void {
    this.#kept = undefined
  }

  #make(protocols: readonly string[], until: number): Kept {
    const kept: Kept = { message: ownMessage(this.#components, this.#host, true), protocols, until }
    kept.message.catch(() => {
      if (this.#kept === kept) this.#kept = undefined
    })
    return kept
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}
