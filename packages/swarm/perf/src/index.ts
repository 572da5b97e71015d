/** perf: how fast bytes go to a peer and back. */
export { type Perf, type PerfComponents, type PerfInit, type PerfOptions, type PerfOutput } from './options.ts'
export { perf } from './perf.ts'
