// What a node of weft's or js-libp2p's kind has found on its network, for who waits for it.

/** Methods of the peer protocol (../README.md) that tell of discovery. */
export function foundBy(node) {
  const found = new Map()
  const waiting = new Map()
  node.addEventListener('peer:discovery', ({ detail: { id, multiaddrs } }) => {
    const peer = { multiaddrs: multiaddrs.map(String) }
    found.set(id.toString(), peer)
    waiting.get(id.toString())?.(peer)
  })
  return {
    /** Resolves when the peer was found. */
    found: ({ peer }) => found.get(peer) ?? new Promise(resolve => waiting.set(peer, resolve)),
    /** The ids of all that were found until now. */
    all: () => [...found.keys()],
    stop: () => node.stop()
  }
}
