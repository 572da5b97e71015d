// Compares docs/specification.md with the code: each thing that the archived specification names has a line; packages, their
// subpaths, names of protocols and files in the answer exist; what is "not yet" does not.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { readManifests, root } from './manifests.mjs'

const page = 'docs/specification.md'

// The specification's modules, by the package that has each.
const modules = {
  'libp2p (entry point)': 'libp2p',
  'libp2p-swarm': 'swarm',
  'libp2p-identify': 'identify',
  'libp2p-ping': 'ping',
  'interface-transport': 'interface-transport',
  'interface-connection': 'interface-connection',
  'libp2p-tcp': 'tcp',
  'libp2p-udp': 'udp',
  'libp2p-udt': 'udt',
  'libp2p-utp': 'utp',
  'libp2p-webrtc': 'webrtc',
  'libp2p-cjdns': 'cjdns',
  'interface-stream-muxer': 'interface-stream-muxer',
  'libp2p-spdy': 'spdy',
  'libp2p-multiplex': 'multiplex',
  'libp2p-tls': 'tls',
  'libp2p-secio': 'secio',
  'libp2p-kad-routing': 'kad-routing',
  'libp2p-mDNS-routing': 'mdns-routing',
  'libp2p-mdns-discovery': 'mdns-discovery',
  'libp2p-random-walk': 'random-walk',
  'libp2p-railing': 'railing',
  'libp2p-record': 'record',
  'interface-record-store': 'interface-record-store',
  'libp2p-distributed-record-store': 'distributed-record-store',
  'libp2p-kad-record-store': 'kad-record-store',
  PeerInfo: 'peer-info',
  PeerId: 'peer-id',
  multihash: 'multihash',
  multiaddr: 'multiaddr',
  multistream: 'multistream',
  multicodec: 'multicodec',
  ipld: 'ipld',
  repo: 'repo'
}
// The same for what its other chapters name. Null: no package of its own.
const others = {
  'swarm dialer': 'dialer',
  'kad-record-store (4.3.3)': 'kad-record-store',
  'mDNS-record-store': 'mdns-record-store',
  'mDNS-discovery (4.4.1)': 'mdns-discovery',
  's3-record-store': null,
  'bootstrap-list': 'railing',
  'IPRS records': null,
  PubSub: 'gossipsub',
  messaging: 'gossipsub',
  'NAT traversal': 'autonat',
  'relay (3.5)': 'circuit-relay',
  'signed but not encrypted': null,
  'clear communication': 'plaintext',
  'proxy addresses': null,
  '/ether': null,
  'webrtc-star': null,
  QUIC: 'quic',
  WebSockets: 'websocket',
  '/ipfs/diag': null,
  '/ipfs/kad/1.0.0': 'kad-routing',
  '/ipfs/bitswap/1.0.0': null
}

const manifests = readManifests()
const rows = readFileSync(path.join(root, page), 'utf8')
  .split('\n')
  .flatMap((line, index) => {
    const cells = /^\| (.*?)\s*\| (.*?)\s*\|$/.exec(line)
    return cells === null || /^-|^specification$/.test(cells[1])
      ? []
      : [{ line: index + 1, name: cells[1], here: cells[2] }]
  })
const failures = []
for (const [name, module] of Object.entries({ ...modules, ...others })) checkThing(name, module)
const sources = readSources()
for (const row of rows) checkRow(row)
for (const failure of failures) console.error(`${page}${failure}`)
console.log(`${rows.length} lines, ${failures.length} findings`)
process.exit(failures.length === 0 ? 0 : 1)

function checkThing(name, module) {
  const row = rows.find(row => row.name === name) ?? rows.find(row => row.name.includes(name))
  if (row === undefined) {
    failures.push(`: has no line for ${name}`)
    return
  }
  const exists = module !== null && manifests.has(`@weft/${module}`)
  if (exists && !row.here.includes(`\`@weft/${module}\``)) {
    failures.push(`:${row.line}: @weft/${module} exists: say so for ${name}`)
  }
}

function checkRow({ line, name, here }) {
  for (const [, text] of here.matchAll(/`([^`]+)`/g)) {
    const parts = /^(@weft\/[^/]+)(\/.+)?$/.exec(text)
    if (parts !== null) {
      const manifest = manifests.get(parts[1])?.manifest
      const target = parts[2] === undefined ? '.' : `.${parts[2]}`
      if (manifest?.exports?.[target] === undefined) failures.push(`:${line}: ${text} does not exist`)
    } else if (/^(packages|apps|scripts|docs)\//.test(text) && !existsSync(path.join(root, text))) {
      failures.push(`:${line}: ${text} does not exist`)
    }
  }
  // Names of protocols with a version stand in the sources or their tests, unless the answer is that they are not here.
  if (/^(no|not yet)\b/.test(here)) return
  for (const [, protocol] of `${name} ${here}`.matchAll(/`(\/[a-z0-9/-]+\/\d+\.\d+\.\d+)`/g)) {
    if (!sources.includes(protocol)) failures.push(`:${line}: no source names ${protocol}`)
  }
}

function readSources() {
  const texts = []
  for (const { folder } of manifests.values()) {
    const sources = path.join(root, folder, 'src')
    for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
      if (/\.ts$/.test(file)) texts.push(readFileSync(path.join(sources, file), 'utf8'))
    }
  }
  return texts.join('\n')
}
