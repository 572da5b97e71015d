import type { ByteQueue } from '@weft/bytes'
import { StreamStateError } from '@weft/errors'
import { MultiaddrConnectionBase } from '@weft/interface-connection'

/**
 * A connection without bytes: the base for a transport that brings security and streams of its own (QUIC, WebRTC,
 * WebTransport). Bytes pass over its streams, which a `NativeMuxer` holds; the connection itself stands for the session. It
 * has an address, an account, a beginning and an end, and no half-close: who ends it ends both directions.
 *
 * A subclass ends the session (`closeSession`, `abortSession`), calls `onSessionClosed` when the session is over, and
 * `onReceived` for whatever arrives, so that the node hears that the remote lives.
 */
export abstract class NativeConnectionBase extends MultiaddrConnectionBase {
  /**
   * Ends the session in peace, when the streams have ended. Resolves when all that was sent is with the remote, or with
   * whatever sees to that: what is under way must survive the end.
   */
  protected abstract closeSession(): Promise<void>
  /** Breaks the session off. */
  protected abstract abortSession(error: Error): void

  /** Throws `StreamStateError`: bytes go over streams. */
  override send(_data: Parameters<MultiaddrConnectionBase['send']>[0]): boolean {
    throw noBytes()
  }

  /** Throws `StreamStateError`: bytes go over streams. */
  override writev(_chunks: readonly Uint8Array[]): boolean {
    throw noBytes()
  }

  /** `byteLength` bytes of the remote have arrived for any of the streams. */
  onReceived(byteLength: number): void {
    this.countReceived(byteLength)
  }

  /** The session is over: without an error, in peace. */
  onSessionClosed(error?: Error): void {
    if (error === undefined) this.transportClosed()
    else this.remoteReset(error)
  }

  protected override transmit(_queue: ByteQueue): boolean {
    throw noBytes()
  }

  protected override async sendCloseWrite(): Promise<void> {
    await this.closeSession()
    this.transportClosed()
  }

  protected override sendReset(error: Error): void {
    this.abortSession(error)
  }
}

function noBytes(): StreamStateError {
  return new StreamStateError('the connection carries no bytes of its own: they go over its streams')
}
