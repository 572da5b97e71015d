// `npm run build`: compiles every package to its dist.
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

await ensureInstalled()
await ensureBuilt()
