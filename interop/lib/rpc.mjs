// Serves methods to the process that started this one: JSON lines on stdin, answers on stdout (../README.md, "Peer protocol").
import { createInterface } from 'node:readline'

/** `methods` may grow while the peer lives: `start` adds those that need a node. */
export function serve(methods) {
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
