import type { Libp2pEvents, Logger } from '@libp2p/interface'
import { asError } from '@weft/errors'
import { EventEmitter } from '@weft/events'
import { logFault } from '@weft/interface-connection'

/**
 * The `events` component: its listeners are called first, then those of the node, which gets an event of its own. Parts
 * dispatch here; users listen on the node. What a listener throws, or rejects with, is logged and goes no further.
 */
export class NodeEvents extends EventEmitter<Libp2pEvents> {
  private readonly _node: EventEmitter<Libp2pEvents>
  private readonly _log: Logger

  constructor(node: EventEmitter<Libp2pEvents>, log: Logger) {
    super()
    this._node = node
    this._log = log
  }

  override dispatchEvent(event: Event): boolean {
    const inside = super.dispatchEvent(event)
    const outside = this._node.safeDispatchEvent(event.type as keyof Libp2pEvents, {
      detail: (event as CustomEvent<unknown>).detail
    })
    return inside || outside
  }

  override safeDispatchEvent<Detail>(type: keyof Libp2pEvents, detail?: CustomEventInit<Detail>): boolean {
    if (this.listenerCount(type) === 0) return this._node.safeDispatchEvent(type, detail)
    return this.dispatchEvent(new CustomEvent(type, detail))
  }

  protected override onListenerError(error: unknown, type: string): void {
    logFault(this._log, 'a listener of %s threw', asError(error), type)
  }
}
