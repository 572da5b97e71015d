// One transfer between two peers by their perf commands (../README.md, "Foreign peers").
import net from 'node:net'
import { until } from './node.mjs'
import { runDialer, runListener } from './program.mjs'

/** Resolves with the client's last report. `env` says what both are: security, muxer, identity. */
export async function runPerfCommands(client, server, { upload, download, limitMs, env = {} }) {
  const port = await freePort()
  const address = ['--server-address', `127.0.0.1:${port}`]
  const serving = runListener([...server.command, '--run-server', ...address], env)
  let measuring
  try {
    await Promise.race([until(() => accepts(port), { timeout: limitMs / 2, what: 'the server' }), serving.ended])
    const amounts = ['--upload-bytes', `${upload}`, '--download-bytes', `${download}`]
    measuring = runDialer([...client.command, ...address, '--transport', 'tcp', ...amounts], env)
    return await Promise.race([measuring.line, serving.ended])
  } finally {
    serving.kill()
    measuring?.kill()
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
