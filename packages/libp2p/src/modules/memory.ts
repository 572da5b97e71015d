// Written by scripts/facade-manifest.mjs.
export type { MemoryTransportComponents, MemoryTransportInit } from '@weft/memory'
export { memory } from '@weft/memory'
