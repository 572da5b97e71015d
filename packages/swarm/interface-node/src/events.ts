import type { Libp2pEvents, Logger } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'

/**
 * The `events` component: its listeners are called first, then those of the node, which gets an event of its own. Parts
 * dispatch here; users listen on the node. An exception in a listener is logged and goes no further.
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
    this._log.error('a listener of %s threw - %e', type, error)
  }
}
