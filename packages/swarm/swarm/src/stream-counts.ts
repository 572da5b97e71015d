import type { MessageStreamDirection, Stream } from '@libp2p/interface'

/** How many streams of each protocol and direction a connection has, without walking over them. */
export class StreamCounts {
  private _counts: Map<string, number> | undefined

  /** Counts a stream until it closes. Returns how many there are now, this one included. */
  add(stream: Stream): number {
    const key = keyOf(stream.direction, stream.protocol)
    this._counts ??= new Map()
    const count = (this._counts.get(key) ?? 0) + 1
    this._counts.set(key, count)
    stream.addEventListener('close', () => this._remove(key), { once: true })
    return count
  }

  private _remove(key: string): void {
    const count = (this._counts?.get(key) ?? 1) - 1
    if (count === 0) this._counts?.delete(key)
    else this._counts?.set(key, count)
  }
}

// Prefixed, so that no protocol name of the remote is a key by itself.
function keyOf(direction: MessageStreamDirection, protocol: string): string {
  return `${direction}:${protocol}`
}
