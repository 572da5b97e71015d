import type { Stream } from '@libp2p/interface'
import { setResourceScope } from '@weft/interface-connection'
import { eventsOnly, messageStreamPair, type PairOptions } from '@weft/interface-connection/compliance'
import { ResourceManager, type ResourceScope } from '@weft/resources'

/** How the two ends of a test's streams are made. */
export interface StreamPairOptions extends PairOptions {
  /** Whether the streams have events alone, as those of a foreign muxer. @default false */
  eventsOnly?: boolean
}

/** Two connected streams in this process, with all that a muxer's streams have. */
export function streamPair({ eventsOnly: foreign = false, ...options }: StreamPairOptions = {}): [Stream, Stream] {
  const ends = messageStreamPair(options).map(end => {
    const stream = Object.assign(end, {
      id: '1',
      protocol: '',
      closeRead: async () => (end as unknown as { discardReads(): void }).discardReads()
    }) as unknown as Stream
    return foreign ? eventsOnly(stream) : stream
  })
  return ends as [Stream, Stream]
}

/** Puts a stream of the pair on an account of its own, and returns it. */
export function chargeStream(stream: Stream): ResourceScope {
  const scope = new ResourceManager().openConnection('inbound').openStream('inbound')
  setResourceScope(stream, scope)
  return scope
}
