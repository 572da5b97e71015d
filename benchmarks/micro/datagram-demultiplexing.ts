/**
 * Ten million packets of five protocols between one pair of sockets on a simulated network: none may come to another's owner.
 *
 *     node --conditions=weft-source benchmarks/micro/datagram-demultiplexing.ts [--packets 10000000] [--seed 1]    (Node 24)
 */
import { parseArgs } from 'node:util'
import { mixedTraffic } from '../../packages/transports/interface-datagram/test/mixed-traffic.ts'

const { values } = parseArgs({
  options: { packets: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' } }
})
const start = process.cpuUsage()
const result = await mixedTraffic(Number(values.packets), Number(values.seed))
const { user, system } = process.cpuUsage(start)
console.log(result)
console.log(`${((user + system) / result.sent).toFixed(2)} us of CPU a packet, its making included`)
process.exitCode = result.misdelivered + result.dropped === 0 ? 0 : 1
