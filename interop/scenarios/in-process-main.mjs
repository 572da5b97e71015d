// The child of ./in-process.mjs: sends one result per cell to its parent.
import { parseArgs } from 'node:util'
import { Cells } from '../lib/cells.mjs'
import { crossed } from './crossed.mjs'
import { crossingDials } from './crossing-dials.mjs'
import { httpPosts } from './http-posts.mjs'
import { dht } from './kad-dht.mjs'
import { pubsub } from './gossipsub.mjs'

const { values } = parseArgs({ options: { impl: { type: 'string' }, only: { type: 'string' } } })
const { parts: theirs } = await import('../js-libp2p/parts.mjs')
const { parts: ours } = values.impl === 'weft' ? await import('../weft/parts.mjs') : { parts: theirs }

class SendingCells extends Cells {
  add(result) {
    process.send(result)
  }
}

const cells = new SendingCells(values.only)
const unhandled = []
process.on('disconnect', () => process.exit(1))
process.on('unhandledRejection', error => unhandled.push(String(error?.stack ?? error)))

await crossed(cells, ours, theirs)
await pubsub(cells, ours)
await dht(cells, ours)
await httpPosts(cells, ours, theirs)
// They need weft's build, which is not there when js-libp2p stands in its place.
if (values.impl === 'weft') {
  await crossingDials(cells, ours, theirs)
  await (await import('./metrics.mjs')).metrics(cells, ours, theirs)
}
await cells.run('in one process', 'unhandled', 1000, async () => {
  if (unhandled.length > 0) throw new Error(unhandled.join('\n'))
})
process.exit(0)
