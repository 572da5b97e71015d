import type { Stream } from '@libp2p/interface'
import { onceOver } from '@weft/interface-connection'

/** How many streams of each protocol and direction a connection has, without walking over them. */
export class StreamCounts {
  private _inbound: Map<string, number> | undefined
  private _outbound: Map<string, number> | undefined

  /** Counts a stream until it closes. Returns how many there are now, this one included. */
  add(stream: Stream): number {
    const { protocol } = stream
    const counts = stream.direction === 'inbound' ? (this._inbound ??= new Map()) : (this._outbound ??= new Map())
    const count = (counts.get(protocol) ?? 0) + 1
    counts.set(protocol, count)
    onceOver(stream, () => remove(counts, protocol))
    return count
  }
}

function remove(counts: Map<string, number>, protocol: string): void {
  const count = (counts.get(protocol) ?? 1) - 1
  if (count === 0) counts.delete(protocol)
  else counts.set(protocol, count)
}
