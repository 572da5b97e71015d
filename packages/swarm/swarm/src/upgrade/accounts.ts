/** The accounts of connections and streams, from the first byte of the handshake to the close. */
import type { MessageStream, MultiaddrConnection, PeerId, Stream } from '@libp2p/interface'
import { connectionScopeOf, onceOver, setResourceScope, streamScopeOf } from '@weft/interface-connection'
import type { ConnectionScope, ResourceManager, StreamScope } from '@weft/resources'
import { hasSocket } from '../admission/has-socket.ts'

/**
 * Opens the account of a connection whose handshake begins, unless it has one: that of an inbound one comes from the
 * admission, if the connection manager is weft's. It is closed with the connection. Throws `ResourceLimitError` if the node
 * has no room for one more.
 */
export function openConnectionScope(
  { resourceManager }: { resourceManager?: ResourceManager },
  connection: MultiaddrConnection,
  direction: 'inbound' | 'outbound'
): void {
  if (resourceManager === undefined || connectionScopeOf(connection) !== undefined) return
  const scope = resourceManager.openConnection(direction, { fileDescriptors: hasSocket(connection.remoteAddr) ? 1 : 0 })
  scope.abortable = connection
  setResourceScope(connection, scope)
  // It may have come and gone.
  onceOver(connection, () => scope.close())
}

/**
 * It is known who is there, and over what. Throws `ResourceLimitError` if the peer has no room for one more connection.
 */
export function setPeer(connection: MultiaddrConnection, peer: PeerId, secured: MessageStream): void {
  const scope = connectionScopeOf(connection)
  if (scope === undefined) return
  scope.setPeer(peer.toString())
  // A foreign channel does not know of accounts.
  if (connectionScopeOf(secured) === undefined) setResourceScope(secured, scope)
}

/**
 * The account of a stream: a muxer of weft's has opened it, for another muxer it is opened here. Throws
 * `ResourceLimitError` if there is no room for one more.
 */
export function openStreamScope(connection: ConnectionScope | undefined, stream: Stream): StreamScope | undefined {
  const own = streamScopeOf(stream)
  if (own !== undefined || connection === undefined) return own
  const scope = connection.openStream(stream.direction)
  scope.abortable = stream
  setResourceScope(stream, scope)
  onceOver(stream, () => scope.close())
  return scope
}
