// The peer program: a node whose methods are called by JSON lines on stdin, answered by JSON lines on stdout.
import { createInterface } from 'node:readline'
import { dialerMethods } from './dialer.mjs'
import { handleProtocols } from './handlers.mjs'
import { createNode } from './node.mjs'

export function runPeer(parts) {
  let methods = {
    async start(options) {
      const node = await createNode(parts, options)
      const outcomes = await handleProtocols(node)
      methods = { ...methods, ...dialerMethods(node, parts), ...outcomes, stop: () => node.stop() }
      return { peerId: node.peerId.toString(), addrs: node.getMultiaddrs().map(String) }
    }
  }
  const answer = message => process.stdout.write(`${JSON.stringify(message)}\n`)
  process.on('unhandledRejection', error => answer({ unhandled: String(error?.stack ?? error) }))

  const lines = createInterface({ input: process.stdin })
  lines.on('line', async line => {
    const { id, method, params } = JSON.parse(line)
    try {
      answer({ id, result: (await methods[method](params ?? {})) ?? null })
    } catch (error) {
      answer({ id, error: { name: error.name, message: error.message } })
    }
  })
  lines.on('close', () => process.exit(0))
}
