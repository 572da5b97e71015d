/** The contract suite of transports, and the upgrader that hands raw connections on as they are. */
export {
  type FakeNativeConnection,
  type FakeNativeMuxer,
  fakeNativePair,
  type FakeNativeStream
} from './fake-native-session.ts'
export { PassThroughUpgrader } from './pass-through-upgrader.ts'
export { testComponents } from './test-components.ts'
export { transportSuite, type TransportSetup, type TransportUnderTest } from './transport-suite.ts'
export {
  upgraderSuite,
  type UpgraderSetup,
  type UpgraderUnderTest,
  type UpgraderUnderTestInit
} from './upgrader-suite.ts'
