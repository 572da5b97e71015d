/** echo: a peer sends back what it gets. */
export { echo } from './echo.ts'
export { UnexpectedEOFError } from './errors.ts'
export type { Echo, EchoComponents, EchoInit } from './options.ts'
