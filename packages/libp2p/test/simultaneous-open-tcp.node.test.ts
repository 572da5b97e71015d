import { simultaneousOpenSuite } from './simultaneous-open-suite.ts'
import { tcpNode } from './tcp-nodes.ts'

simultaneousOpenSuite(tcpNode, 15)
