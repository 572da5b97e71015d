/** A session with security and streams of its own, in this process: what a transport like QUIC gives to an upgrader. */
import type { ByteQueue } from '@weft/bytes'
import { StreamResetError } from '@weft/errors'
import type { Multiaddr } from '@weft/multiaddr'
import { NativeConnectionBase } from '../native/native-connection.ts'
import { NativeMuxer } from '../native/native-muxer.ts'
import { NativeStreamBase, type NativeStreamInit } from '../native/native-stream.ts'
import { testComponents } from './test-components.ts'

// What a stream may have on its way, or unread at the other side.
const windowLength = 64 * 1024

/** Two ends of one session. What one does reaches the other in a later turn of the loop, in order. */
export function fakeNativePair(remoteAddr: Multiaddr): [FakeNativeConnection, FakeNativeConnection] {
  const dialer = new FakeNativeConnection('outbound', remoteAddr)
  const listener = new FakeNativeConnection('inbound', remoteAddr)
  dialer.peer = listener
  listener.peer = dialer
  return [dialer, listener]
}

/** One end of a session. */
export class FakeNativeConnection extends NativeConnectionBase {
  /** The other end. */
  peer!: FakeNativeConnection
  /** Its streams. */
  readonly muxer: FakeNativeMuxer

  constructor(direction: 'inbound' | 'outbound', remoteAddr: Multiaddr) {
    super({ log: testComponents().logger.forComponent('fake-native'), direction, remoteAddr })
    this.muxer = new FakeNativeMuxer(this)
  }

  /** Runs `task` at the other end, unless the session is over there. */
  tell(task: (peer: FakeNativeConnection) => void): void {
    const { peer } = this
    setTimeout(() => {
      if (peer.status === 'open') task(peer)
    }, 0)
  }

  protected override async closeSession(): Promise<void> {
    this.tell(peer => peer.onSessionClosed())
  }

  protected override abortSession(_error: Error): void {
    this.tell(peer => peer.onSessionClosed(new StreamResetError('the remote broke the session off')))
  }
}

/** The streams of one end. */
export class FakeNativeMuxer extends NativeMuxer<FakeNativeStream> {
  private readonly _session: FakeNativeConnection
  private readonly _byId = new Map<string, FakeNativeStream>()
  private _opened = 0

  constructor(connection: FakeNativeConnection) {
    super(connection, { protocol: '/fake-native', name: 'fake-native' })
    this._session = connection
  }

  /** Does `task` with a stream, if it is still there. */
  at(id: string, task: (stream: FakeNativeStream) => void): void {
    const stream = this._byId.get(id)
    if (stream !== undefined) task(stream)
  }

  /** The remote has opened a stream. */
  onOpen(id: string): void {
    const { admitted, scope } = this.openAccount()
    if (!admitted) {
      this._session.tell(({ muxer }) => muxer.at(id, stream => stream.onReset()))
      return
    }
    try {
      this.accept(this._make({ id, direction: 'inbound', log: this.log, muxer: this, scope }))
    } catch (error) {
      this.fail(error as Error)
    }
  }

  protected override openStream(): FakeNativeStream {
    const id = `${this._session.direction}-${this._opened++}`
    const scope = this.scope?.openStream('outbound')
    const stream = this._make({ id, direction: 'outbound', log: this.log, muxer: this, scope })
    this._session.tell(({ muxer }) => muxer.onOpen(id))
    this.track(stream)
    return stream
  }

  protected override streamClosed({ id }: FakeNativeStream): void {
    this._byId.delete(id)
  }

  private _make(init: NativeStreamInit): FakeNativeStream {
    const stream = new FakeNativeStream(this._session, init)
    this._byId.set(init.id, stream)
    return stream
  }
}

/** A stream with a window of its own. */
export class FakeNativeStream extends NativeStreamBase {
  private readonly _session: FakeNativeConnection
  private _window = windowLength

  constructor(session: FakeNativeConnection, init: NativeStreamInit) {
    super(init)
    this._session = session
  }

  /** The remote has reset the stream. */
  onReset(): void {
    this.remoteReset()
  }

  protected override transmit(queue: ByteQueue): boolean {
    while (this._window > 0) {
      const chunk = queue.shift(this._window)
      if (chunk === undefined) return true
      this._window -= chunk.byteLength
      const copy = new Uint8Array(chunk)
      this._tell((stream, session) => {
        session.onReceived(copy.byteLength)
        stream.deliver(copy)
      })
    }
    return false
  }

  protected override consumed(length: number): void {
    this._tell(stream => {
      stream._window += length
      stream.writable()
    })
  }

  protected override async sendCloseWrite(): Promise<void> {
    this._tell(stream => stream.remoteClosedWrite())
  }

  protected override async sendCloseRead(): Promise<void> {
    // What still comes is thrown away.
  }

  protected override sendReset(_error: Error): void {
    this._tell(stream => stream.onReset())
  }

  private _tell(task: (stream: FakeNativeStream, session: FakeNativeConnection) => void): void {
    this._session.tell(session => session.muxer.at(this.id, stream => task(stream, session)))
  }
}
