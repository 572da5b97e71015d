/** Multicast and machines within a process, for tests: nothing leaves it. */
export { type Machine, Machines, type MachineComponents } from './machines.ts'
export { MulticastHub } from './multicast-hub.ts'
