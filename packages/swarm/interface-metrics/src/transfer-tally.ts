import type { MultiaddrConnection, Stream } from '@libp2p/interface'
import { type ByteCounts, countBytes } from '@weft/interface-connection'
import { LabelValues } from './label-values.ts'

/**
 * Bytes of all connections, as `global`, and of the streams of each protocol, under js-libp2p's keys: `global sent`,
 * `/ipfs/ping/1.0.0 received`. A chunk costs an addition; a scrape costs as much as there are protocols.
 */
export class TransferTally {
  private readonly _protocols: LabelValues
  private readonly _counts = new Map<string, ByteCounts>()

  /** `maxProtocols`: protocols that have a key of their own. */
  constructor(maxProtocols: number) {
    this._protocols = new LabelValues(maxProtocols)
  }

  /** Counts the bytes of a connection from now on. */
  trackConnection(connection: MultiaddrConnection): void {
    countBytes(connection, this._of('global'))
  }

  /** Counts the bytes of a stream from now on, if it has a protocol. */
  trackStream(stream: Stream): void {
    // js-libp2p's own type promises a name, its connections not always.
    if (stream.protocol == null || stream.protocol === '') return
    countBytes(stream, this._of(this._protocols.of(stream.protocol)))
  }

  /** The bytes since the last call, without zeros. */
  take(): Record<string, number> {
    const taken: Record<string, number> = {}
    for (const [name, counts] of this._counts) {
      if (counts.sent > 0) taken[`${name} sent`] = counts.sent
      if (counts.received > 0) taken[`${name} received`] = counts.received
      counts.sent = counts.received = 0
    }
    return taken
  }

  private _of(name: string): ByteCounts {
    let counts = this._counts.get(name)
    if (counts === undefined) {
      counts = { received: 0, sent: 0 }
      this._counts.set(name, counts)
    }
    return counts
  }
}
