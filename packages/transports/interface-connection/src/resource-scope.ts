/**
 * The account that a stream or connection is charged to, found under `resourceScopeSymbol`: where it is absent, nothing is
 * counted. The node puts it on a raw connection, a channel passes it on to the stream that it makes, and a muxer opens
 * an account for each of its streams below it.
 *
 * What is found on a connection, raw or secured, is a `ConnectionScope`, on a stream of a muxer a `StreamScope` (both of
 * `@weft/resources`). `MessageStreamBase` charges what lies unread in it, and what a stream has queued to be sent. Who keeps more of a remote's bytes than that
 * charges it there too.
 */
import type { MessageStream, Stream } from '@libp2p/interface'
import type { ConnectionScope, ResourceScope, StreamScope } from '@weft/resources'

/** Under this symbol a `MessageStream` has its account. */
export const resourceScopeSymbol: unique symbol = Symbol.for('@weft/resource-scope') as never

interface Charged {
  [resourceScopeSymbol]?: ResourceScope | undefined
}

/** The account of a connection, raw or secured. */
export function connectionScopeOf(connection: object): ConnectionScope | undefined {
  const scope = (connection as Charged)[resourceScopeSymbol]
  return scope?.kind === 'connection' ? (scope as ConnectionScope) : undefined
}

/** The account of a stream of a muxer. */
export function streamScopeOf(stream: MessageStream | Stream): StreamScope | undefined {
  const scope = (stream as Charged)[resourceScopeSymbol]
  return scope?.kind === 'stream' ? (scope as StreamScope) : undefined
}

/** Charges a stream or connection, anyone's, to an account from now on. */
export function setResourceScope(stream: MessageStream | Stream, scope: ResourceScope): void {
  ;(stream as Charged)[resourceScopeSymbol] = scope
}
