import type { AbortOptions } from '@libp2p/interface'
import type { ByteQueue } from '@weft/bytes'
import { MuxedStreamBase, type MuxedStreamInit } from '@weft/interface-stream-muxer'
import type { Session } from './core/session.ts'
import type { StreamState } from './core/stream-state.ts'

/** Options of a stream, from its muxer. */
export interface MplexStreamInit extends MuxedStreamInit {
  session: Session<MplexStream>
  state: StreamState<MplexStream>
}

/** A stream of an mplex session. Pausing it does not stop the remote, which cannot be told. */
export class MplexStream extends MuxedStreamBase {
  readonly #session: Session<MplexStream>
  readonly #state: StreamState<MplexStream>

  constructor(init: MplexStreamInit) {
    super(init)
    this.#session = init.session
    this.#state = init.state
  }

  protected override writeFrame(queue: ByteQueue): boolean {
    this.#session.write(this.#state, queue, this.maxMessageSize)
    return true
  }

  protected override consumed(length: number): void {
    this.#session.consumed(this.#state, length)
  }

  protected override async sendCloseWrite(_options?: AbortOptions): Promise<void> {
    this.#session.finish(this.#state)
  }

  protected override sendReset(_error: Error): void {
    this.#session.reset(this.#state)
  }
}
