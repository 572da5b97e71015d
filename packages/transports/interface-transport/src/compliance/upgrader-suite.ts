import type {
  Connection,
  ConnectionGater,
  ConnectionProtector,
  PeerId,
  StreamHandler,
  Upgrader
} from '@libp2p/interface'
import { collect, ended, settled, type TestRunner, until } from '@weft/interface-connection/compliance'
import { type Multiaddr, multiaddr } from '@weft/multiaddr'
import { nativeUpgrade } from '../native/native-muxer.ts'
import { type FakeNativeConnection, fakeNativePair } from './fake-native-session.ts'

/** What an upgrader is made with. */
export interface UpgraderUnderTestInit {
  /** Denies connections. */
  connectionGater?: ConnectionGater
  /** Protects those that transports have not secured themselves. */
  connectionProtector?: ConnectionProtector
}

/** An upgrader, and what a test needs of the node around it. */
export interface UpgraderUnderTest {
  /** What is tested. */
  readonly upgrader: Upgrader
  /** Of the node around it. */
  readonly peerId: PeerId
  /** Serves a protocol on the connections of the upgrader. */
  handle(protocol: string, handler: StreamHandler): Promise<void>
  /** Calls `listener` with every connection that `upgradeInbound` makes. */
  onConnection(listener: (connection: Connection) => void): void
}

/** Makes an upgrader, with channels and muxers of its own, and a peer id of its own each time. */
export interface UpgraderSetup {
  /** Called for each end of each test. */
  readonly setup: (init?: UpgraderUnderTestInit) => Promise<UpgraderUnderTest>
}

const protocol = '/upgrader-suite/echo/1.0.0'
const hello = Uint8Array.from([1, 2, 3])
const someAddress: Multiaddr = multiaddr('/ip4/192.0.2.1/udp/4001/quic-v1')

/** What an upgrader does with transports that bring security and streams of their own. */
export function upgraderSuite({ describe, it, expect }: TestRunner, { setup }: UpgraderSetup): void {
  const failure = async (promise: Promise<unknown>): Promise<Error> => {
    try {
      await promise
    } catch (error) {
      return error as Error
    }
    throw new Error('it succeeded')
  }

  describe('upgrader, over a session with streams of its own', () => {
    const connect = async (init?: UpgraderUnderTestInit): Promise<Connected> => {
      const [dialer, listener] = [await setup(init), await setup(init)]
      await listener.handle(protocol, async stream => {
        for await (const list of stream) stream.send(list)
        await stream.close()
      })
      const session = fakeNativePair(someAddress)
      const [dialed, accepted] = await upgradeBoth(dialer, listener, session)
      return { dialer, listener, session, dialed, accepted }
    }

    it('takes its security and its streams as they are, and puts nothing on the connection', async () => {
      const protects: ConnectionProtector = {
        protect() {
          throw new Error('the session protects itself')
        }
      }
      const { dialer, listener, dialed, accepted } = await connect({ connectionProtector: protects })
      expect([dialed.direction, dialed.encryption, dialed.multiplexer]).toEqual(['outbound', 'native', '/fake-native'])
      expect([accepted.direction, accepted.encryption, accepted.multiplexer]).toEqual([
        'inbound',
        'native',
        '/fake-native'
      ])
      expect([dialed.remotePeer.toString(), accepted.remotePeer.toString()]).toEqual([
        listener.peerId.toString(),
        dialer.peerId.toString()
      ])
      expect(await echo(dialed, hello)).toEqual([...hello])
      dialed.abort(new Error('done'))
    })

    it('carries more than a window over a stream, and closes in peace', async () => {
      const { dialed, accepted } = await connect()
      const bytes = new Uint8Array(300_000).fill(7)
      expect((await echo(dialed, bytes)).length).toBe(bytes.byteLength)
      const closed = Promise.all([ended(dialed as never), ended(accepted as never)])
      await dialed.close()
      for (const event of await closed) expect(event.error).toBe(undefined)
      expect([dialed.status, accepted.status, dialed.streams.length]).toEqual(['closed', 'closed', 0])
    })

    it('ends the connection after what its streams have sent, also at the remote', async () => {
      const { dialed, accepted } = await connect()
      const stream = await dialed.newStream(protocol)
      stream.send(hello)
      // The answer is under way when the connection is closed, and still arrives.
      const [answer] = await Promise.all([collect(stream), dialed.close()])
      expect([...answer]).toEqual([...hello])
      await until(() => accepted.status !== 'open')
      expect(accepted.status).toBe('closed')
    })

    it('gives out streams that the remote has opened before the upgrade was done', async () => {
      const [dialer, listener] = [await setup(), await setup()]
      let served = 0
      await listener.handle(protocol, stream => {
        served++
        stream.abort(new Error('seen'))
      })
      const session = fakeNativePair(someAddress)
      const [near, far] = session
      const dialed = await dialer.upgrader.upgradeOutbound(near, upgradeOptions(near, listener.peerId))
      const opening = dialed.newStream(protocol)
      // Before the handler of the protocol has the stream, the reset cannot come.
      const reset = opening.then(ended, error => error)
      await until(() => far.muxer.streams.length === 1)
      expect(served).toBe(0)
      await listener.upgrader.upgradeInbound(far, upgradeOptions(far, dialer.peerId))
      await reset
      expect(served).toBe(1)
      dialed.abort(new Error('done'))
    })

    it('breaks the streams off with the connection, whichever end of it aborts', async () => {
      for (const which of ['session', 'connection'] as const) {
        const { dialed, accepted, session } = await connect()
        const stream = await dialed.newStream(protocol)
        stream.send(hello)
        await until(() => accepted.streams.length === 1)
        const [other] = accepted.streams
        const over = Promise.all([ended(stream), ended(other!)])
        if (which === 'session') session[1].abort(new Error('gone'))
        else accepted.abort(new Error('gone'))
        for (const event of await over) expect(event.error === undefined).toBe(false)
        await settled()
        expect([dialed.status === 'open', accepted.status, dialed.streams.length]).toEqual([false, 'aborted', 0])
      }
    })

    it('asks the gater as for any connection, and breaks off what that denies', async () => {
      for (const denies of [
        'denyInboundConnection',
        'denyInboundEncryptedConnection',
        'denyInboundUpgradedConnection'
      ]) {
        const [dialer, listener] = [await setup(), await setup({ connectionGater: { [denies]: () => true } })]
        const session = fakeNativePair(someAddress)
        const over = ended(session[0])
        const dialing = dialer.upgrader.upgradeOutbound(session[0], upgradeOptions(session[0], listener.peerId))
        const error = await failure(
          listener.upgrader.upgradeInbound(session[1], upgradeOptions(session[1], dialer.peerId))
        )
        expect(error.name).toBe('ConnectionInterceptedError')
        await dialing
        await over
        expect([session[0].status, session[1].status]).toEqual(['reset', 'aborted'])
      }
    })

    it('refuses a session with itself', async () => {
      const { upgrader, peerId } = await setup()
      const [near] = fakeNativePair(someAddress)
      expect((await failure(upgrader.upgradeOutbound(near, upgradeOptions(near, peerId)))).name).toBe(
        'InvalidPeerIdError'
      )
      expect(near.status).toBe('aborted')
    })

    it('fails with a typed error where the transport does not say that it has security, or streams', async () => {
      const [dialer, listener] = [await setup(), await setup()]
      const { signal } = new AbortController()
      const [plain] = fakeNativePair(someAddress)
      expect((await failure(dialer.upgrader.upgradeOutbound(plain, { signal }))).name).toBe('EncryptionFailedError')
      const [unmuxed] = fakeNativePair(someAddress)
      const { muxerFactory: _, ...options } = upgradeOptions(unmuxed, listener.peerId)
      expect((await failure(dialer.upgrader.upgradeOutbound(unmuxed, options))).name).toBe('MuxerUnavailableError')
      expect([plain.status, unmuxed.status]).toEqual(['aborted', 'aborted'])
    })

    it('holds the limits of a limited connection', async () => {
      const [dialer, listener] = [await setup(), await setup()]
      const [near] = fakeNativePair(someAddress)
      const limits = { bytes: 1024n, seconds: 60 }
      const options = { ...upgradeOptions(near, listener.peerId), limits }
      const dialed = await dialer.upgrader.upgradeOutbound(near, options)
      expect(dialed.limits).toEqual(limits)
      expect((await failure(dialed.newStream(protocol))).name).toBe('LimitedConnectionError')
      dialed.abort(new Error('done'))
    })
  })
}

interface Connected {
  readonly dialer: UpgraderUnderTest
  readonly listener: UpgraderUnderTest
  readonly session: [FakeNativeConnection, FakeNativeConnection]
  readonly dialed: Connection
  readonly accepted: Connection
}

type Options = ReturnType<typeof nativeUpgrade> & { signal: AbortSignal }

function upgradeOptions({ muxer }: FakeNativeConnection, remotePeer: PeerId): Options {
  return { ...nativeUpgrade({ muxer, remotePeer }), signal: new AbortController().signal }
}

async function upgradeBoth(
  dialer: UpgraderUnderTest,
  listener: UpgraderUnderTest,
  [near, far]: [FakeNativeConnection, FakeNativeConnection]
): Promise<[Connection, Connection]> {
  const accepted = new Promise<Connection>(resolve => listener.onConnection(resolve))
  const [dialed] = await Promise.all([
    dialer.upgrader.upgradeOutbound(near, upgradeOptions(near, listener.peerId)),
    listener.upgrader.upgradeInbound(far, upgradeOptions(far, dialer.peerId))
  ])
  return [dialed, await accepted]
}

async function echo(connection: Connection, bytes: Uint8Array): Promise<number[]> {
  const stream = await connection.newStream(protocol)
  const answer = collect(stream)
  for (let at = 0; at < bytes.byteLength; at += 32_768) {
    if (!stream.send(bytes.subarray(at, at + 32_768))) await stream.onDrain()
  }
  await stream.close()
  return [...(await answer)]
}
