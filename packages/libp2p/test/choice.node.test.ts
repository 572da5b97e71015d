// Which channel and muxer two nodes come to, where both have several.
import { mplex } from '@weft/multiplex'
import { noise } from '@weft/noise'
import { plaintext } from '@weft/plaintext'
import { secio } from '@weft/secio'
import { tls } from '@weft/tls'
import { yamux } from '@weft/yamux'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Agreement, agreementOf, type Libp2pOptions, nodeDefaults } from '../src/index.ts'
import { eventually, tcpNode, type TestNode, type TestServices } from './tcp-nodes.ts'

async function node(options: Libp2pOptions<TestServices>): Promise<TestNode> {
  const made = await tcpNode(options)
  onTestFinished(() => made.stop())
  return made
}

type Channels = NonNullable<Libp2pOptions['connectionEncrypters']>
type Muxers = NonNullable<Libp2pOptions['streamMuxers']>

/** What is agreed on, as the dialer sees it. */
async function agreed(
  [dialer, listener]: [Channels, Channels],
  [near, far]: [Muxers, Muxers] = [[yamux()], [yamux()]]
): Promise<[string | undefined, string | undefined]> {
  const a = await node({ connectionEncrypters: dialer, streamMuxers: near })
  const b = await node({ connectionEncrypters: listener, streamMuxers: far })
  const { encryption, multiplexer } = await a.dial(b.getMultiaddrs())
  return [encryption, multiplexer]
}

describe('a connection', () => {
  it.each<[Agreement['multiplexer'], Channels]>([
    ['handshake', [noise()]],
    ['handshake', [tls()]],
    ['multistream-select', [plaintext()]]
  ])('tells how its muxer was agreed on: %s', async (multiplexer, channels) => {
    const [a, b] = [await node({ connectionEncrypters: channels }), await node({ connectionEncrypters: channels })]
    const expected = { encryption: 'multistream-select', multiplexer }
    expect(agreementOf(await a.dial(b.getMultiaddrs()))).toEqual(expected)
    // The listener may have a turn to go.
    await eventually(() => expect(b.getConnections().map(agreementOf)).toEqual([expected]))
  })
})

describe('the order in which a node names its channels and muxers', () => {
  it.each<[string, Channels, Channels]>([
    ['/tls/1.0.0', [tls(), noise()], [noise(), tls()]],
    ['/noise', [noise(), tls()], [tls(), noise()]],
    ['/noise', [tls(), noise()], [plaintext(), noise()]]
  ])('is the dialer’s preference among channels: %s', async (expected, dialer, listener) => {
    expect((await agreed([dialer, listener]))[0]).toBe(expected)
  })

  it.each<[string, Channels]>([
    ['in the Noise handshake', [noise()]],
    ['by ALPN in the handshake of TLS', [tls()]],
    ['by multistream-select behind plaintext', [plaintext()]]
  ])('is the dialer’s preference among muxers, %s', async (_how, channel) => {
    const both = [yamux(), mplex()]
    expect((await agreed([channel, channel], [[mplex(), yamux()], both]))[1]).toBe('/mplex/6.7.0')
    expect((await agreed([channel, channel], [both, [mplex(), yamux()]]))[1]).toBe('/yamux/1.0.0')
  })
})

describe('a channel that protects less', () => {
  it('is in no preset', () => {
    expect(nodeDefaults().connectionEncrypters).toHaveLength(1)
  })

  it.each<[string, Channels]>([
    ['plaintext', [plaintext()]],
    ['secio', [secio()]]
  ])('is not agreed on by who did not ask for it: %s', async (_name, weak) => {
    const strong: Channels = nodeDefaults().connectionEncrypters!
    for (const channels of [
      [weak, strong],
      [strong, weak]
    ] as Array<[Channels, Channels]>) {
      await expect(agreed(channels)).rejects.toMatchObject({ name: 'EncryptionFailedError' })
    }
    // Beside a stronger one it is not reached.
    expect(
      (
        await agreed([
          [noise(), ...weak],
          [...weak, noise()]
        ])
      )[0]
    ).toBe('/noise')
  })
})
