/** The contract suite of message streams, and the pair of connected streams that other suites stand on. */
export { messageStreamSuite, type MessageStreamSetup } from './message-stream-suite.ts'
export { eventsOnly, messageStreamPair, type PairOptions } from './pair.ts'
export type { Expectation, TestRunner } from './runner.ts'
export { collect, ended, settled, until } from './tools.ts'
