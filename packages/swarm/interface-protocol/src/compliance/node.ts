import type { Connection, PeerId, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import { throwIfAborted, UnsupportedProtocolError } from '@weft/errors'
import type { ClientComponents, ConnectionOpener } from '../components.ts'
import { streamPair, type StreamPairOptions } from './streams.ts'

/** How a `ProtocolNode` behaves. */
export interface ProtocolNodeOptions extends StreamPairOptions {
  /** Gets the far end of each stream that is opened. @default the node's own handler: it talks to itself */
  remote?: ((stream: Stream) => void) | undefined
}

/** A stream that was opened. */
export interface OpenedStream {
  /** Its protocol. */
  protocol: string
  /** What it was opened with. */
  options: object | undefined
  /** The side of who opened it. */
  near: Stream
  /** The other side. */
  far: Stream
}

/** What stands in place of a node: handlers are kept by name, streams are pairs in this process. */
export class ProtocolNode {
  /** The handlers, and what they were registered with. */
  readonly handlers: Map<string, { handler: StreamHandler; options: StreamHandlerOptions | undefined }> = new Map()
  /** Every stream that a service has opened, in order. */
  readonly opened: OpenedStream[] = []
  /** The components for `openStream` and `openConnection`. Whoever is dialed is not looked at. */
  readonly components: ClientComponents & {
    connectionManager: ConnectionOpener
  }
  /** What `openConnection` was called with. */
  readonly dialed: Array<object | undefined> = []
  private readonly _options: ProtocolNodeOptions

  constructor(options: ProtocolNodeOptions = {}) {
    this._options = options
    this.components = {
      registrar: {
        handle: async (protocol, handler, handlerOptions) => {
          this.handlers.set(protocol, { handler, options: handlerOptions })
        },
        unhandle: async protocol => void this.handlers.delete(protocol)
      },
      connectionManager: {
        openStream: async (_peer, protocol, streamOptions) => this.open(protocol, streamOptions),
        openConnection: async (_peer, dialOptions) => {
          this.dialed.push(dialOptions)
          throwIfAborted(dialOptions?.signal)
          // Nobody asks more of it than its text.
          const remotePeer = 'peer' as unknown as PeerId
          return {
            remotePeer,
            newStream: async (protocol, streamOptions) => this.open([protocol].flat()[0]!, streamOptions)
          }
        }
      }
    }
  }

  /** Opens a stream to the remote. */
  open(protocol: string, options?: { signal?: AbortSignal }): Stream {
    throwIfAborted(options?.signal)
    const { remote, ...pair } = this._options
    const [near, far] = streamPair(pair)
    this.opened.push({ protocol, options, near, far })
    if (remote === undefined) void this.serve(protocol, far)
    else remote(far)
    return near
  }

  /** Gives a stream to the handler of a protocol, as if a peer had opened it. */
  async serve(protocol: string, stream: Stream, connection: Partial<Connection> = {}): Promise<void> {
    const entry = this.handlers.get(protocol)
    if (entry === undefined) throw new UnsupportedProtocolError(protocol)
    await entry.handler(stream, connection as Connection)
  }
}
