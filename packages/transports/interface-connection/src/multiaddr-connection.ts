import type { MultiaddrConnection, MultiaddrConnectionTimeline } from '@libp2p/interface'
import type { Multiaddr } from '@weft/multiaddr'
import { MessageStreamBase } from './message-stream.ts'
import type { MessageStreamInit } from './message-stream-init.ts'
import { receivedBytesSymbol } from './received-bytes.ts'

/** Options of a raw connection. */
export interface MultiaddrConnectionInit extends MessageStreamInit {
  /** The address of the remote, without its peer id. */
  remoteAddr: Multiaddr
}

/** The base of what a transport dials or accepts. */
export abstract class MultiaddrConnectionBase
  extends MessageStreamBase<MultiaddrConnectionTimeline>
  implements MultiaddrConnection
{
  remoteAddr: Multiaddr
  private _received = 0

  static {
    Object.defineProperty(this.prototype, receivedBytesSymbol, {
      get(this: MultiaddrConnectionBase) {
        return this._received
      }
    })
  }

  constructor(init: MultiaddrConnectionInit) {
    super(init)
    this.remoteAddr = init.remoteAddr
  }

  protected override deliver(chunk: Uint8Array): void {
    this.countReceived(chunk.byteLength)
    super.deliver(chunk)
  }

  /** Bytes of the remote have arrived, in whatever layer they are read. */
  protected countReceived(byteLength: number): void {
    this._received += byteLength
  }
}
