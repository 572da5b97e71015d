#!/usr/bin/env node
/**
 * What runs first. A published package has everything in a few files (`scripts/bundle-command.mjs`), as half the time of a first ping is
 * that of finding and reading several hundred; the source tree has none, and runs what was compiled.
 */
import { existsSync, mkdirSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import path from 'node:path'

const { href } = new URL('bundle/command.js', import.meta.url)
if (existsSync(new URL(href))) {
  keepCompiled()
  await import(href)
} else await import('./command.ts')

/** From the second run on, V8 need not compile again. Before Node 22.8 there is no such thing. */
function keepCompiled(): void {
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown }
  if (enableCompileCache === undefined) return
  // Not in the folder for temporary files, where Node would: what others may write there would run here.
  const cache = process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache')
  const own = path.join(cache, 'weft')
  // Made here, as Node never ends where a folder takes none. Where it cannot be, nothing is kept.
  if (isMade(cache) && isMade(own)) enableCompileCache(own)
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o700 })
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST'
  }
}
