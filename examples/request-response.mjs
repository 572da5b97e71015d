// Requests and responses: a small table of values that one node keeps and others ask for. One request is one stream.
//
//   node examples/request-response.mjs                             serves, and prints its address
//   node examples/request-response.mjs <address> put <key> <value>
//   node examples/request-response.mjs <address> get <key>
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/libp2p/multiaddr'
import { lpStream } from '@weft/libp2p/streams'

const protocol = '/example/table/1.0.0'
const maxMessage = 4096
const maxKeys = 1000
// The time (ms) for a request and its response.
const timeout = 10_000

const [address, ...request] = process.argv.slice(2)
if (address === undefined) await serve()
else await ask(address, request)

async function serve() {
  const node = await createLibp2p({ ...nodeDefaults(), addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
  const table = new Map()
  await node.handle(protocol, async stream => {
    const signal = AbortSignal.timeout(timeout)
    const messages = lpStream(stream, { maxDataLength: maxMessage })
    const question = await readJson(messages, signal)
    // A mistake in a request is answered. What is no request at all throws, and the stream is aborted.
    await writeJson(messages, answer(table, question), signal)
    await stream.close({ signal })
  })
  console.log(`listening on ${node.getMultiaddrs()[0]}`)
  process.once('SIGINT', () => node.stop())
  process.once('SIGTERM', () => node.stop())
}

function answer(table, { type, key, value }) {
  if (typeof key !== 'string') return { error: 'a key is a string' }
  if (type === 'get') return table.has(key) ? { value: table.get(key) } : { error: `no value for ${key}` }
  if (type !== 'put') return { error: `unknown request ${type}` }
  if (!table.has(key) && table.size >= maxKeys) return { error: 'the table is full' }
  table.set(key, value)
  return { value }
}

async function ask(to, [type, key, value]) {
  const node = await createLibp2p(nodeDefaults())
  try {
    // One deadline for all of it: the dial, the request and the response.
    const signal = AbortSignal.timeout(timeout)
    const stream = await node.dialProtocol(multiaddr(to), protocol, { signal })
    const messages = lpStream(stream, { maxDataLength: maxMessage })
    await writeJson(messages, { type, key, value }, signal)
    const response = await readJson(messages, signal)
    await stream.close({ signal })
    if (response.error !== undefined) throw new Error(response.error)
    console.log(response.value)
  } catch (error) {
    console.error(`failed: ${error.message}`)
    process.exitCode = 1
  } finally {
    await node.stop()
  }
}

async function readJson(messages, signal) {
  const message = await messages.read({ signal })
  return JSON.parse(new TextDecoder().decode(message.subarray()))
}

async function writeJson(messages, value, signal) {
  await messages.write(new TextEncoder().encode(JSON.stringify(value)), { signal })
}
