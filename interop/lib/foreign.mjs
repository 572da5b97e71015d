// The peers that speak the convention of libp2p/test-plans: what each can do, how it is built and started.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { nodeFor, root } from './setup.mjs'

const folder = name => path.join(root, 'interop', name)

/** Outside the tree, so that a clean clone need not build again. */
const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'weft-interop')

const identities = ['ed25519', 'rsa', 'secp256k1', 'ecdsa']

export const weft = { command: [nodeFor.weft, path.join(folder('weft'), 'convention.mjs')] }

export const foreignPeers = {
  js: {
    agent: /js-libp2p/,
    securities: ['noise', 'tls', 'plaintext'],
    muxers: ['yamux', 'mplex'],
    // js-libp2p writes ECDSA keys in a form of its own, see @weft/peer-id
    identities: ['ed25519', 'rsa', 'secp256k1'],
    lacks: [],
    prepare: () => [nodeFor.js, path.join(folder('js-libp2p'), 'convention.mjs')]
  },
  go: {
    agent: /go-peer/,
    securities: ['noise', 'tls', 'plaintext'],
    muxers: ['yamux'],
    identities,
    lacks: [],
    dht: '/interop/kad/1.0.0',
    prepare: () => buildGo('go', folder('go'), 'go-peer')
  },
  rust: {
    agent: /rust-peer/,
    securities: ['noise', 'tls', 'plaintext'],
    muxers: ['yamux', 'mplex'],
    identities,
    lacks: ['early muxer'],
    tellsProtocols: false,
    prepare: buildRust
  },
  python: {
    agent: /py-libp2p/,
    securities: ['noise', 'tls', 'plaintext'],
    muxers: ['yamux', 'mplex'],
    identities: ['ed25519', 'rsa', 'secp256k1'],
    lacks: ['early muxer'],
    prepare: installPython
  }
}

/** Resolves with the command; with undefined, after a line that says so, where there is no toolchain. */
export async function buildGo(name, source, program) {
  const go = findTool('go', '/usr/local/go/bin')
  if (go === undefined) return skip(name, 'no Go toolchain is there')
  const binary = path.join(cache, program)
  mkdirSync(cache, { recursive: true })
  const env = { GOFLAGS: '-mod=readonly -trimpath', CGO_ENABLED: '0' }
  await build(go, ['build', '-ldflags=-s -w', '-o', binary, '.'], source, env)
  return [binary]
}

async function buildRust() {
  const cargo = findTool('cargo', path.join(homedir(), '.cargo/bin'))
  if (cargo === undefined) return skip('rust', 'no Rust toolchain is there')
  const target = path.join(cache, 'rust')
  // cargo calls rustc, which is beside it
  const env = { CARGO_TARGET_DIR: target, PATH: `${path.dirname(cargo)}${path.delimiter}${process.env.PATH}` }
  await build(cargo, ['build', '--release', '--locked'], folder('rust'), env)
  return [path.join(target, 'release/rust-peer')]
}

async function installPython() {
  const python = findTool('python3')
  if (python === undefined) return skip('python', 'no Python is there')
  const requirements = path.join(folder('python'), 'requirements.txt')
  // one environment for each set of versions; pip is asked again, which ends at once when all is there
  const name = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 8)
  const venv = path.join(cache, `python-${name}`)
  await build(python, ['-m', 'venv', venv], folder('python'))
  const executable = path.join(venv, 'bin/python')
  await build(executable, ['-m', 'pip', 'install', '-q', '--require-hashes', '-r', requirements], folder('python'))
  return [executable, '-B', path.join(folder('python'), 'peer.py')]
}

/** The path of a command, undefined where it is not there. `folders` are looked at besides PATH. */
export function findTool(name, ...folders) {
  const places = [...(process.env.PATH ?? '').split(path.delimiter), ...folders]
  return places.map(place => path.join(place, name)).find(file => existsSync(file))
}

function skip(name, why) {
  process.stdout.write(`skipped: ${name}, ${why}\n`)
}

function build(command, args, cwd, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        output = (output + text).slice(-4000)
      })
    }
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code} in ${cwd}\n${output}`))
    })
  })
}
