/** Multicast within a process, for tests: nothing leaves it. */
export { MulticastHub } from './multicast-hub.ts'
