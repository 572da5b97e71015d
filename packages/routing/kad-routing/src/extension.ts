import type { ContentRouting, PeerId } from '@libp2p/interface'
import type { KadMessage, KadMessagePeer, KadMessageType } from './core/message.ts'
import { RefusedRequestError } from './errors.ts'

/** Who asks, and what an answer may need. */
export interface RequestContext {
  /** Who asks. */
  readonly from: PeerId
  /** The peers of this node's table that are closest to a key, for `closerPeers`. */
  closerPeers(key: Uint8Array): KadMessagePeer[]
}

/** What another package adds to the protocol: kad-record-store the values. */
export interface KadExtension {
  /** The types of message that it answers; each can be taken once. */
  readonly types: readonly KadMessageType[]
  /**
   * The answer to a request, which is sent with as many of its peers as fit; undefined where there is none. What it throws, or
   * rejects with, resets the stream: the protocol has no other error.
   */
  handle(request: KadMessage, context: RequestContext): KadMessage | undefined | Promise<KadMessage | undefined>
  /** Drops what is over. Called from time to time while the node runs; `now` is milliseconds since 1970. */
  expiry?(now: number): void | Promise<void>
  /** What `contentRouting` of this node has for values from then on. */
  readonly values?: Pick<ContentRouting, 'put' | 'get'>
}

/** All extensions of a node, by the types that they answer. */
export class Extensions {
  private readonly _byType = new Map<KadMessageType, KadExtension>()

  /** Throws `TypeError` where a type is taken. Returns what takes it away again. */
  add(extension: KadExtension): () => void {
    for (const type of extension.types) {
      if (this._byType.has(type)) throw new TypeError(`messages of type ${type} are answered already`)
    }
    for (const type of extension.types) this._byType.set(type, extension)
    return () => {
      for (const type of extension.types) if (this._byType.get(type) === extension) this._byType.delete(type)
    }
  }

  /** Rejects with `RefusedRequestError` where nobody answers such messages, and with what the extension throws. */
  async handle(request: KadMessage, context: RequestContext): Promise<KadMessage | undefined> {
    const extension = this._byType.get(request.type)
    if (extension === undefined) throw new RefusedRequestError(`messages of type ${request.type} are not answered here`)
    return extension.handle(request, context)
  }

  /** Rejects with what an extension throws, when all have run. */
  async expire(now: number): Promise<void> {
    const all = new Set(this._byType.values())
    const results = await Promise.allSettled([...all].map(async extension => extension.expiry?.(now)))
    const failed = results.find(result => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}
