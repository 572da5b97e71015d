import { memory } from '@weft/memory'
import { simultaneousOpenSuite } from './simultaneous-open-suite.ts'
import { tcpNode } from './tcp-nodes.ts'

let nodes = 0

simultaneousOpenSuite(
  options =>
    tcpNode({
      ...options,
      transports: [memory()],
      addresses: { listen: [`/memory/simultaneous-open-${nodes++}`] }
    }),
  40
)
