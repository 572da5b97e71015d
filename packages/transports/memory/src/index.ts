/** Connections inside one process, with the options of js-libp2p's `@libp2p/memory`. */
export { memory } from './memory.ts'
export type { MemoryTransportComponents, MemoryTransportInit } from './options.ts'
