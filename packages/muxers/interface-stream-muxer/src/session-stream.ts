import type { ByteQueue } from '@weft/bytes'
import { streamScopeOf } from '@weft/interface-connection'
import { now } from './clock.ts'
import type { MuxerSession, SessionStreamState } from './core/session.ts'
import { MuxedStreamBase, type MuxedStreamInit } from './muxed-stream.ts'

/** Options of a stream, from its muxer. */
export interface SessionStreamInit extends MuxedStreamInit {
  /** The session that it is part of. */
  session: MuxerSession<SessionStreamState<SessionStream>>
  /** What the session knows of it. */
  state: SessionStreamState<SessionStream>
}

/** A stream of a session. */
export class SessionStream extends MuxedStreamBase {
  private readonly _session: SessionStreamInit['session']
  private readonly _state: SessionStreamInit['state']

  constructor(init: SessionStreamInit) {
    super(init)
    this._session = init.session
    this._state = init.state
  }

  /** Takes room in the account for `growth` more bytes, beyond a window of so many. Returns whether there was any. */
  growWindow(window: number, growth: number): boolean {
    const scope = streamScopeOf(this)
    if (scope === undefined) return true
    return window + growth <= scope.limit('memory') && scope.growWindow(growth)
  }

  /** Gives back so much of what the window has grown by. */
  shrinkWindow(length: number): void {
    streamScopeOf(this)?.release('windows', length)
  }

  /** Whether the account has to fear for what its windows promise. */
  get isShort(): boolean {
    return streamScopeOf(this)?.isShortOfWindows ?? false
  }

  protected override writeFrame(queue: ByteQueue, maxLength: number): boolean {
    return this._session.write(this._state, queue, maxLength)
  }

  protected override consumed(length: number): void {
    this._session.consumed(this._state, length, now)
  }

  protected override async sendCloseWrite(): Promise<void> {
    this._session.finish(this._state)
  }

  protected override sendReset(_error: Error): void {
    this._session.reset(this._state)
  }
}
