import { datagramSuite } from '@weft/interface-datagram/compliance'
import { describe, expect, it } from 'vitest'
import { bindDatagrams } from '../src/index.ts'

/** More turns of the event loop than a datagram on loopback needs, whatever else the machine does. */
const maxTurns = 1_000_000

for (const host of ['127.0.0.1', '::1']) {
  describe(`node:dgram on ${host}`, () => {
    datagramSuite({ describe, it, expect }, { setup: () => ({ bind: bindDatagrams, host, until }) })
  })
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < maxTurns; turn++) {
    if (condition()) return
    // oxlint-disable-next-line no-await-in-loop
    await new Promise(resolve => setImmediate(resolve))
  }
  throw new Error('the condition did not come to hold')
}
