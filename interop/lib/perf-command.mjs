// libp2p/test-plans' perf convention: flags in, JSON lines out.
import { parseArgs } from 'node:util'
import { createConventionNode } from './convention-node.mjs'

export async function runPerf(parts) {
  const { values } = parseArgs({
    options: {
      'run-server': { type: 'boolean', default: false },
      'server-address': { type: 'string' },
      transport: { type: 'string', default: 'tcp' },
      'upload-bytes': { type: 'string', default: '0' },
      'download-bytes': { type: 'string', default: '0' }
    }
  })
  const [host, port] = values['server-address'].split(':')
  const address = `/ip4/${host}/tcp/${port}`
  // The server's key is that of a seed of zeros, so that clients know its id beforehand.
  const serverKey = await parts.generateKeyPairFromSeed('Ed25519', new Uint8Array(32))
  const env = { ...process.env, transport: values.transport }
  if (values['run-server']) return void (await createConventionNode(parts, env, [address], serverKey))

  const { node } = await createConventionNode(parts, env, [])
  const remote = parts.multiaddr(`${address}/p2p/${serverKey.publicKey}`)
  const bytes = [Number(values['upload-bytes']), Number(values['download-bytes'])]
  for await (const report of node.services.perf.measurePerformance(remote, ...bytes)) {
    process.stdout.write(`${JSON.stringify(report)}\n`)
  }
  process.exit(0)
}
