import type { AbortOptions, Stream } from '@libp2p/interface'
import { MessageStreamBase } from './message-stream.ts'
import type { MessageStreamInit } from './message-stream-init.ts'

/** Options of a stream of a muxer. */
export interface StreamInit extends MessageStreamInit {
  /** Unique within its muxer. */
  id: string
  /** Empty until it is negotiated. @default '' */
  protocol?: string | undefined
}

/** The base of muxed streams. */
export abstract class StreamBase extends MessageStreamBase implements Stream {
  id: string
  protocol: string

  constructor(init: StreamInit) {
    super(init)
    this.id = init.id
    this.protocol = init.protocol ?? ''
  }

  /** Tells the remote that nothing more is read, where the muxer can. */
  protected abstract sendCloseRead(options?: AbortOptions): Promise<void>

  /** Throws away what is unread and whatever still comes. */
  async closeRead(options?: AbortOptions): Promise<void> {
    if (this.readStatus === 'closing' || this.readStatus === 'closed') return
    this.discardReads()
    await this.sendCloseRead(options)
  }
}
