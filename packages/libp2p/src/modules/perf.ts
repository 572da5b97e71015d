// Written by scripts/facade-manifest.mjs.
export type { Perf, PerfComponents, PerfInit, PerfOptions, PerfOutput } from '@weft/perf'
export { perf } from '@weft/perf'
