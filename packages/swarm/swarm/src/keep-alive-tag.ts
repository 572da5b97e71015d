import type { KEEP_ALIVE, Peer } from '@libp2p/interface'

const prefix: typeof KEEP_ALIVE = 'keep-alive'

/** The tags of a peer that ask for its connection to be kept: js-libp2p's `KEEP_ALIVE`, with any suffix. */
export function keepAliveTags({ tags }: Peer): string[] {
  return [...tags.keys()].filter(tag => tag.startsWith(prefix))
}
