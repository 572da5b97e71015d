import type {
  Connection,
  DialProtocolOptions,
  DialTarget,
  Stream,
  StreamHandler,
  StreamHandlerOptions
} from '@libp2p/interface'

/** Takes the handlers of protocols: the node's registrar. */
export interface HandlerRegistry {
  /** Serves streams of a protocol. */
  handle(protocol: string, handler: StreamHandler, options?: StreamHandlerOptions): Promise<void>
  /** Serves them no more. */
  unhandle(protocol: string): Promise<void>
}

/** Opens streams, over a new connection if there is none: the node's connection manager. */
export interface StreamOpener {
  /** A stream of a protocol to a peer. */
  openStream(peer: DialTarget, protocol: string, options?: DialProtocolOptions): Promise<Stream>
}

/** What every service needs of a node, weft's or js-libp2p's. */
export interface ServiceComponents {
  /** Where its protocols are handled. */
  registrar: HandlerRegistry
}

/** What a service needs that asks others. */
export interface ClientComponents extends ServiceComponents {
  /** Where its streams come from. */
  connectionManager: StreamOpener
}

/** Gives the connection to a peer, a new one if there is none: the node's connection manager. */
export interface ConnectionOpener {
  /** The best connection to a peer, which is dialed if there is none. */
  openConnection(peer: DialTarget, options?: DialProtocolOptions): Promise<Pick<Connection, 'newStream' | 'remotePeer'>>
}
