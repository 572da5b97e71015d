// Written by scripts/facade-manifest.mjs.
export type { Echo, EchoComponents, EchoInit } from '@weft/echo'
export { UnexpectedEOFError, echo } from '@weft/echo'
