// Which versions are measured, and what runs them: read from what is installed and locked, not written down again.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { findTool } from '../../interop/lib/foreign.mjs'
import { newNode, root } from '../../interop/lib/setup.mjs'

const read = file => readFileSync(path.join(root, file), 'utf8')
const node = () => `Node ${told(newNode, '--version').replace('v', '')}`

const peers = {
  weft: () => [`weft ${JSON.parse(read('packages/libp2p/package.json')).version}`, node()],
  js: () => [`js-libp2p ${JSON.parse(read('interop/js-libp2p/node_modules/libp2p/package.json')).version}`, node()],
  go: () => {
    const [, version] = /libp2p\/go-libp2p v(\S+)/.exec(read('interop/go/go.mod'))
    const [, toolchain] = /go(\d\S*)/.exec(told(findTool('go', '/usr/local/go/bin'), 'version'))
    return [`go-libp2p ${version}`, `Go ${toolchain}`]
  },
  rust: () => {
    const [, version] = /name = "libp2p"\nversion = "([^"]+)"/.exec(read('interop/rust/Cargo.lock'))
    const [, toolchain] = /cargo (\S+)/.exec(told(findTool('cargo', path.join(homedir(), '.cargo/bin')), '--version'))
    return [`rust-libp2p ${version}`, `Rust ${toolchain}`]
  }
}

/** `{ title, runtime }` of a peer. */
export function versionOf(name) {
  const [title, runtime] = peers[name]()
  return { title, runtime }
}

function told(command, argument) {
  return execFileSync(command, [argument], { encoding: 'utf8' }).trim()
}
