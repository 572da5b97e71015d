// Another revision of this repository, built in a temporary git worktree, to be measured beside this one.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from './manifests.mjs'

/** Runs `body(folder)` with `revision` checked out and compiled in `folder`, which is removed afterwards. */
export async function withRevision(revision, body) {
  const commit = git('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`)
  const parent = mkdtempSync(path.join(os.tmpdir(), 'weft-revision-'))
  const folder = path.join(parent, commit.slice(0, 12))
  try {
    git('worktree', 'add', '--detach', folder, commit)
    linkModules(folder)
    execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b'], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit']
    })
    return await body(folder)
  } finally {
    rmSync(parent, { recursive: true, force: true })
    git('worktree', 'prune')
  }
}

/**
 * The installed packages of this tree, without another installation; the workspace packages are those of the revision. What it
 * needs in other versions than this tree would be measured with this tree's.
 */
function linkModules(folder) {
  const installed = path.join(root, 'node_modules')
  const modules = path.join(folder, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(installed)) {
    if (name !== '@weft') symlinkSync(path.join(installed, name), path.join(modules, name))
  }
  mkdirSync(path.join(modules, '@weft'))
  const { workspaces } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  for (const workspace of workspaces.flatMap(pattern => expand(folder, pattern))) {
    const { name } = JSON.parse(readFileSync(path.join(folder, workspace, 'package.json'), 'utf8'))
    symlinkSync(path.join(folder, workspace), path.join(modules, name))
  }
}

/** The folders with a package that a pattern of `workspaces` names; `*` is any one folder. */
function expand(folder, pattern) {
  let found = ['']
  for (const part of pattern.split('/')) {
    found = found.flatMap(below => {
      const names = part === '*' ? directories(path.join(folder, below)) : [part]
      return names.map(name => path.join(below, name))
    })
  }
  return found.filter(below => existsSync(path.join(folder, below, 'package.json')))
}

function directories(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
}

function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}
