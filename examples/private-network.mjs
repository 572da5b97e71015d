// A private network: nodes that have the same key file reach each other, all others are kept out.
//
//   node examples/private-network.mjs key <file>          makes a key
//   node examples/private-network.mjs listen <file>       waits, and prints its address
//   node examples/private-network.mjs ping <file> <address>
import { readFile, writeFile } from 'node:fs/promises'
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/libp2p/multiaddr'
import { generateKey, preSharedKey } from '@weft/libp2p/pnet'

const [command, file, address] = process.argv.slice(2)
if (command === 'key' && file !== undefined) await makeKey()
else if (command === 'listen' && file !== undefined) await listen()
else if (command === 'ping' && address !== undefined) await ping()
else console.error('usage: private-network.mjs key <file> | listen <file> | ping <file> <address>')

async function makeKey() {
  const key = new Uint8Array(95)
  generateKey(key)
  // Readable by its owner alone. An existing key is not overwritten.
  await writeFile(file, key, { mode: 0o600, flag: 'wx' })
  console.log(`wrote ${file}: copy it to each node of the network`)
}

async function makeNode(addresses) {
  const psk = await readFile(file)
  return createLibp2p({
    ...nodeDefaults(),
    addresses: { listen: addresses },
    connectionProtector: preSharedKey({ psk: new Uint8Array(psk) })
  })
}

async function listen() {
  const node = await makeNode(['/ip4/127.0.0.1/tcp/0'])
  node.addEventListener('peer:connect', ({ detail }) => console.log(`${detail} connected`))
  console.log(`listening on ${node.getMultiaddrs()[0]}`)
  process.once('SIGINT', () => node.stop())
  process.once('SIGTERM', () => node.stop())
}

async function ping() {
  const node = await makeNode([])
  try {
    const time = await node.services.ping.ping(multiaddr(address), { signal: AbortSignal.timeout(10_000) })
    console.log(`the other node answered after ${time.toFixed(1)} ms`)
  } catch (error) {
    console.error(`failed: ${error.name}: ${error.message}`)
    process.exitCode = 1
  } finally {
    await node.stop()
  }
}
