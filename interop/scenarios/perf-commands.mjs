// The perf commands of two peers against each other, by the convention of libp2p/test-plans.
import net from 'node:net'
import { assert, until } from '../lib/node.mjs'
import { runDialer, runListener } from '../lib/program.mjs'

const LIMIT_MS = 20_000
const BYTES = 8 * 1_048_576

export async function perfCommands(cells, dialer, listener) {
  const group = `${dialer.name} > ${listener.name} perf command`
  for (const [name, upload, download] of [
    ['upload', BYTES, 0],
    ['download', 0, BYTES]
  ]) {
    await cells.run(group, name, LIMIT_MS, async () => {
      const report = await measure(dialer, listener, upload, download)
      const { type, timeSeconds, uploadBytes, downloadBytes } = report
      const right = type === 'final' && timeSeconds > 0 && uploadBytes === upload && downloadBytes === download
      assert(right, JSON.stringify(report))
    })
  }
}

async function measure(dialer, listener, upload, download) {
  const port = await freePort()
  const address = ['--server-address', `127.0.0.1:${port}`]
  const server = runListener([...listener.command, '--run-server', ...address], {})
  let client
  try {
    await Promise.race([until(() => accepts(port), { timeout: LIMIT_MS / 2, what: 'the server' }), server.ended])
    const amounts = ['--upload-bytes', `${upload}`, '--download-bytes', `${download}`]
    client = runDialer([...dialer.command, ...address, '--transport', 'tcp', ...amounts], {})
    return await Promise.race([client.line, server.ended])
  } finally {
    server.kill()
    client?.kill()
  }
}

/** The convention has the address given, not told. */
async function freePort() {
  const server = net.createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

function accepts(port) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
