import type { MessageStream } from '@libp2p/interface'
import { type ByteCounts, type BytePipe, bytesSymbol } from '@weft/bytes'

/**
 * Adds the stream's bytes to `counts` from now on, those included that have arrived and wait to be read. One counter a
 * stream: another call takes its place. A pipe of ours adds two numbers for each chunk; of a foreign stream, `send` and
 * `dispatchEvent` are wrapped.
 */
export function countBytes(stream: MessageStream, counts: ByteCounts): void {
  const own = (stream as { [bytesSymbol]?: BytePipe })[bytesSymbol]
  if (own?.count !== undefined) own.count(counts)
  else wrap(stream, counts)
}

/** No listener is added: it would take what is buffered before the stream's reader is there. */
function wrap(stream: MessageStream, counts: ByteCounts): void {
  const dispatchEvent = stream.dispatchEvent.bind(stream)
  stream.dispatchEvent = (event: Event): boolean => {
    if (event.type === 'message') counts.received += (event as MessageEvent<{ byteLength: number }>).data.byteLength
    return dispatchEvent(event)
  }
  const send = stream.send.bind(stream)
  stream.send = (data): boolean => {
    counts.sent += data.byteLength
    return send(data)
  }
}
