/** A dial is no success before the muxer is agreed on. */
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { plaintext } from '@weft/plaintext'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'
import { expect, it, onTestFinished } from 'vitest'
import { tcpNode, uncaught } from './tcp-nodes.ts'

uncaught()

it.each([
  // Both sides name their muxers in its handshake.
  ['noise', noise(), 'EncryptionFailedError'],
  ['tls', tls(), 'MuxerUnavailableError'],
  ['plaintext', plaintext(), 'MuxerUnavailableError']
])('without a muxer that both have, a dial over %s rejects, and no connection is told of', async (_, channel, name) => {
  const dialer = await tcpNode({ connectionEncrypters: [channel], streamMuxers: [yamux()] })
  const listener = await tcpNode({ connectionEncrypters: [channel], streamMuxers: [mplex()] })
  onTestFinished(async () => {
    await Promise.all([dialer.stop(), listener.stop()])
  })
  const opened: string[] = []
  for (const [side, node] of Object.entries({ dialer, listener })) {
    node.addEventListener('connection:open', () => opened.push(side))
  }
  const error = (await dialer.dial(listener.getMultiaddrs()).then(
    () => undefined,
    (error: unknown) => error
  )) as { name: string; errors?: Error[] }
  expect([error.name, ...(error.errors ?? []).map(part => part.name)]).toContain(name)
  expect(opened).toEqual([])
})
