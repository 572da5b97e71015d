/** The contract suite of transports, and the upgrader that hands raw connections on as they are. */
export { PassThroughUpgrader } from './pass-through-upgrader.ts'
export { testComponents } from './test-components.ts'
export { transportSuite, type TransportSetup, type TransportUnderTest } from './transport-suite.ts'
