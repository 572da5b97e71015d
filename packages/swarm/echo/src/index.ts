/** echo: a peer sends back what it gets. */
export { UnexpectedEOFError } from '@weft/interface-protocol'
export { echo } from './echo.ts'
export type { Echo, EchoComponents, EchoInit } from './options.ts'
