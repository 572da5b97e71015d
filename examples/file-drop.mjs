// Sends files to a folder on another node, with progress. The receiver keeps a file only if its SHA-256 is the sender's.
//
//   node examples/file-drop.mjs receive <folder>            prints the address to send to
//   node examples/file-drop.mjs send <address> <file>...
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { multiaddr } from '@weft/libp2p/multiaddr'
import { byteStream, lpStream } from '@weft/libp2p/streams'

// On a stream: a header { name, size }, the bytes of the file, a trailer { sha256 }; then the answer { received }.
const protocol = '/example/file-drop/1.0.0'
const maxSize = 10 * 2 ** 30
// The time (ms) for which the other side may send, or take, nothing.
const replyTimeout = 30_000

const [command, ...args] = process.argv.slice(2)
if (command === 'receive') await receive(args[0] ?? '.')
else if (command === 'send' && args.length >= 2) await send(args[0], args.slice(1))
else console.error('usage: file-drop.mjs receive <folder> | send <address> <file>...')

async function receive(folder) {
  await mkdir(folder, { recursive: true })
  const node = await createLibp2p({ ...nodeDefaults(), addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
  // What the handler throws aborts the stream: the sender's reads and writes reject.
  await node.handle(protocol, stream => take(stream, folder))
  console.log(`listening on ${node.getMultiaddrs()[0]}`)
  process.once('SIGINT', () => node.stop())
  process.once('SIGTERM', () => node.stop())
}

async function take(stream, folder) {
  const messages = lpStream(stream, { maxDataLength: 1024 })
  const { name, size } = await readJson(messages)
  // A remote may send anything: the name must not lead out of the folder, and the size has a limit.
  if (typeof name !== 'string' || name === '' || name === '..' || path.basename(name) !== name) {
    throw new Error('a name with a path is refused')
  }
  if (!(Number.isSafeInteger(size) && size >= 0 && size <= maxSize)) throw new Error('the size is refused')

  const unfinished = path.join(folder, `.${name}.${stream.id}.part`)
  const file = await open(unfinished, 'wx')
  const hash = createHash('sha256')
  try {
    const bytes = byteStream(messages.unwrap())
    for (let left = size; left > 0; ) {
      const chunk = await bytes.read({ bytes: Math.min(left, 65_536), signal: AbortSignal.timeout(replyTimeout) })
      for (const part of chunk) {
        hash.update(part)
        await file.write(part)
      }
      left -= chunk.byteLength
    }
    const rest = lpStream(bytes.unwrap(), { maxDataLength: 1024 })
    const { sha256 } = await readJson(rest)
    if (hash.digest('hex') !== sha256) throw new Error('the hash differs')
    await file.close()
    await rename(unfinished, path.join(folder, name))
    console.log(`received ${name}, ${size} bytes, sha256 ${sha256}`)
    await writeJson(rest, { received: size })
    await stream.close()
  } catch (error) {
    console.log(`${name} was not received: ${error.message}`)
    throw error
  } finally {
    await file.close().catch(() => {})
    await rm(unfinished, { force: true })
  }
}

async function send(address, files) {
  const node = await createLibp2p(nodeDefaults())
  // Ctrl-C cancels: the stream is reset, and the receiver removes what it has.
  const cancel = new AbortController()
  process.once('SIGINT', () => cancel.abort(new Error('cancelled')))
  try {
    for (const file of files) await sendFile(node, multiaddr(address), file, cancel.signal)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  } finally {
    await node.stop()
  }
}

async function sendFile(node, address, file, cancelled) {
  const { size } = await stat(file)
  const stream = await node.dialProtocol(address, protocol, { signal: cancelled })
  const signal = () => AbortSignal.any([cancelled, AbortSignal.timeout(replyTimeout)])
  try {
    const messages = lpStream(stream, { maxDataLength: 1024 })
    await writeJson(messages, { name: path.basename(file), size }, signal())
    const bytes = byteStream(messages.unwrap())
    const hash = createHash('sha256')
    let [sent, tenths] = [0, 0]
    for await (const chunk of createReadStream(file)) {
      hash.update(chunk)
      // Resolves when the stream has room for more, so no more than that is in memory.
      await bytes.write(chunk, { signal: signal() })
      sent += chunk.byteLength
      const now = Math.floor((10 * sent) / size)
      if (now > tenths) console.log(`${path.basename(file)}: ${now * 10} %`)
      tenths = now
    }
    const rest = lpStream(bytes.unwrap(), { maxDataLength: 1024 })
    const sha256 = hash.digest('hex')
    await writeJson(rest, { sha256 }, signal())
    const { received } = await readJson(rest, signal())
    console.log(`sent ${path.basename(file)}, ${received} bytes, sha256 ${sha256}`)
    await stream.close()
  } catch (error) {
    stream.abort(error)
    throw error
  }
}

async function readJson(messages, signal = AbortSignal.timeout(replyTimeout)) {
  const message = await messages.read({ signal })
  return JSON.parse(new TextDecoder().decode(message.subarray()))
}

async function writeJson(messages, value, signal = AbortSignal.timeout(replyTimeout)) {
  await messages.write(new TextEncoder().encode(JSON.stringify(value)), { signal })
}
