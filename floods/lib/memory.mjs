// What is in use in this process once nothing is left to collect.
import v8 from 'node:v8'
import vm from 'node:vm'

/** `process.memoryUsage()` after garbage collection, without a flag at the start. */
export function memoryInUse() {
  v8.setFlagsFromString('--expose-gc')
  const collect = vm.runInNewContext('gc')
  collect()
  collect()
  return process.memoryUsage()
}
