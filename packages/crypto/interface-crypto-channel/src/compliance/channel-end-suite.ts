import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import { messageStreamPair, type TestRunner } from '@weft/interface-connection/compliance'
import { opposite, type Side } from './channel-fault.ts'
import type { ChannelPeer } from './crypto-channel-suite.ts'

/** A channel, and what it is made to run over. */
export interface ChannelEndSetup {
  /** Makes two peers with different identities, whose channels have not been used: what they make once is made in the test. */
  readonly setup: () => Promise<{ dialer: ChannelPeer; listener: ChannelPeer }>
  /** Makes both ends of a connection. @default `messageStreamPair` */
  readonly connect?: () => Promise<[MessageStream, MessageStream]>
  /** Turns of the event loop after the last of which the handshake is surely over. @default 16 */
  readonly turns?: number
}

const sides: readonly Side[] = ['dialer', 'listener']
const ends: Readonly<Record<string, (stream: MessageStream) => void>> = {
  'ends its side': stream => void stream.close().catch(() => {}),
  'breaks the connection off': stream => stream.abort(new Error('the remote leaves'))
}

/**
 * The remote leaves between any two steps of the handshake, and before the first: whoever waits is told, by a typed error,
 * and its connection is over. Nobody waits for the end of something that has ended.
 */
export function channelEndSuite(runner: TestRunner, options: ChannelEndSetup): void {
  const { describe, it, expect } = runner
  const { setup, connect = async () => messageStreamPair(), turns = 16 } = options

  describe('a remote that leaves during the handshake', () => {
    for (const side of sides) {
      for (const [how, end] of Object.entries(ends)) {
        it(`and ${how} is noticed by the ${side} at every step`, async () => {
          for (let after = 0; after <= turns; after++) {
            const peers = await setup()
            const [dialing, listening] = await connect()
            const [near, far] = side === 'dialer' ? [dialing, listening] : [listening, dialing]
            // Aborts of the connection below reach it, too: it is not asked for more.
            const remote = handshake(peers, opposite(side), far).catch(() => undefined)
            const own = outcomeOf(handshake(peers, side, near))
            for (let turn = 0; turn < after; turn++) await nextTurn()
            end(far)
            const outcome = await own
            await remote
            if (outcome instanceof Error) {
              const typed = outcome.name !== 'Error' && typeof (outcome as { code?: unknown }).code === 'string'
              expect({ after, error: typed ? 'typed' : outcome.stack }).toEqual({ after, error: 'typed' })
              expect([after, near.status === 'open']).toEqual([after, false])
            } else {
              // The handshake was over: the channel is told of the end.
              await readToTheEnd(outcome.connection)
              await outcome.connection.close().catch(() => {})
            }
            for (const stream of [near, far]) stream.abort(new Error('the test is over'))
          }
        })
      }
    }
  })
}

function handshake(
  peers: { dialer: ChannelPeer; listener: ChannelPeer },
  side: Side,
  connection: MessageStream
): Promise<SecuredConnection> {
  const encrypter: ConnectionEncrypter = peers[side].encrypter
  if (side === 'listener') return encrypter.secureInbound(connection)
  return encrypter.secureOutbound(connection, { remotePeer: peers.listener.peerId })
}

async function outcomeOf(secured: Promise<SecuredConnection>): Promise<SecuredConnection | Error> {
  try {
    return await secured
  } catch (error) {
    return error as Error
  }
}

async function readToTheEnd(stream: MessageStream): Promise<void> {
  try {
    for await (const _ of stream);
  } catch {
    // An end all the same.
  }
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 0))
}
