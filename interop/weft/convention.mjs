// One node, driven by its environment (see ../README.md, "Foreign peers").
import { runConvention } from '../lib/convention.mjs'
import { findNode } from './find-node.mjs'
import { parts } from './parts.mjs'

await runConvention(parts, process.env.dht === 'server' ? { findNode } : {})
