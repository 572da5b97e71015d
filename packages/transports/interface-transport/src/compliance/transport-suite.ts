import type { Listener, MultiaddrConnection, Transport } from '@libp2p/interface'
import { collect, ended, messageStreamSuite, settled, type TestRunner } from '@weft/interface-connection/compliance'
import type { Multiaddr } from '@weft/multiaddr'
import { isTransport } from '../transport.ts'
import { PassThroughUpgrader } from './pass-through-upgrader.ts'

/** What is tested. */
export interface TransportUnderTest {
  /** Both dials and listens. */
  readonly transport: Transport
  /** Two addresses or more to listen on at once, free again once closed. Port 0 is welcome. */
  readonly listenAddrs: readonly Multiaddr[]
  /** An address that can be dialed in form, and on which nobody listens. */
  readonly deadAddr: Multiaddr
  /** An address of another transport. */
  readonly foreignAddr: Multiaddr
}

/** Makes the transport under test. */
export interface TransportSetup {
  /** Called at the beginning of each test. */
  readonly setup: () => Promise<TransportUnderTest>
  /** False where the remote of an abort only sees the end of the stream. @default true */
  readonly tellsOfAborts?: boolean
}

const hello = Uint8Array.from([1, 2, 3])

/** What every transport of weft does. */
export function transportSuite(runner: TestRunner, { setup, tellsOfAborts = true }: TransportSetup): void {
  const { describe, it, expect } = runner
  /** Listens on the first address and gives `use` what it needs; the listener is closed at the end. */
  const listening = async (use: (context: Context) => Promise<void>): Promise<void> => {
    const context = await listenOn(await setup())
    try {
      await use(context)
    } finally {
      await context.listener.close()
    }
  }
  const failure = async (promise: Promise<unknown>): Promise<Error> => {
    try {
      await promise
    } catch (error) {
      return error as Error
    }
    throw new Error('it succeeded')
  }

  describe('transport', () => {
    it('is marked as one and keeps to its addresses', async () => {
      const { transport, listenAddrs, deadAddr, foreignAddr } = await setup()
      expect(isTransport(transport)).toBe(true)
      expect(transport.listenFilter([foreignAddr, ...listenAddrs])).toEqual(listenAddrs)
      expect(transport.dialFilter([deadAddr, foreignAddr])).toEqual([deadAddr])
    })

    it('listens on several addresses, each with events and its own addresses', async () => {
      const { transport, listenAddrs } = await setup()
      const upgrader = new PassThroughUpgrader()
      const events: string[] = []
      const listeners = listenAddrs.map(() => transport.createListener({ upgrader }))
      for (const listener of listeners) {
        listener.addEventListener('listening', () => events.push('listening'))
        listener.addEventListener('close', () => events.push('close'))
        expect(listener.getAddrs()).toEqual([])
      }
      await Promise.all(listeners.map((listener, i) => listener.listen(listenAddrs[i]!)))
      await settled()
      expect(events).toEqual(listenAddrs.map(() => 'listening'))
      for (const listener of listeners) {
        const address = listener.getAddrs()[0]!
        const connection = await dial(transport, address, upgrader)
        expect(connection.remoteAddr.toString()).toBe(address.toString())
        expect((await upgrader.nextInbound()).direction).toBe('inbound')
      }
      events.length = 0
      await Promise.all(listeners.map(listener => listener.close()))
      await Promise.all(listeners.map(listener => listener.close()))
      await settled()
      expect(events).toEqual(listenAddrs.map(() => 'close'))
      for (const listener of listeners) expect(listener.getAddrs()).toEqual([])
    })

    it('refuses a second listen, and an address that is taken', async () => {
      await listening(async ({ under, listener, address, upgrader }) => {
        expect((await failure(listener.listen(address))).name).toBe('AlreadyStartedError')
        const second = under.transport.createListener({ upgrader })
        expect((await failure(second.listen(address))).name).toBe('ListenError')
        expect(second.getAddrs()).toEqual([])
        await second.close()
      })
    })

    it('listens again after close, by the same listener and by another', async () => {
      const context = await listenOn(await setup())
      const { listener, address, under, upgrader } = context
      await listener.close()
      await listener.listen(address)
      await dial(under.transport, address, upgrader)
      await upgrader.nextInbound()
      await listener.close()
      const other = under.transport.createListener({ upgrader })
      await other.listen(address)
      await dial(under.transport, address, upgrader)
      await upgrader.nextInbound()
      await other.close()
    })

    it('calls the upgrader’s methods as they are at that time', async () => {
      await listening(async ({ under, address, upgrader }) => {
        const replaced = new Promise<MultiaddrConnection>(resolve => {
          upgrader.upgradeInbound = async connection => resolve(connection)
        })
        const outbound = await dial(under.transport, address, upgrader)
        expect((await replaced).direction).toBe('inbound')
        expect(outbound.direction).toBe('outbound')
      })
    })

    it('closes from the dialer, and from the listener', async () => {
      await listening(async context => {
        for (const order of [0, 1]) {
          const pair = await connect(context)
          const [first, second] = order === 0 ? pair : pair.reverse()
          const closed = Promise.all([ended(first!), ended(second!)])
          first!.send(hello)
          await first!.close()
          expect([...(await collect(second!))]).toEqual([...hello])
          await second!.close()
          for (const event of await closed) expect(event.error).toBe(undefined)
        }
      })
    })

    it('goes on in one direction after the end of the other', async () => {
      await listening(async context => {
        const [dialer, accepted] = await connect(context)
        await dialer.close()
        expect((await collect(accepted)).byteLength).toBe(0)
        accepted.send(hello)
        await accepted.close()
        expect([...(await collect(dialer))]).toEqual([...hello])
      })
    })

    it('carries many bytes to a reader that pauses, without taking them all at once', async () => {
      await listening(async context => {
        const [dialer, accepted] = await connect(context)
        const chunk = new Uint8Array(64 * 1024).fill(7)
        const total = 8 * 1024 * 1024
        const sending = (async () => {
          for (let sent = 0; sent < total; sent += chunk.byteLength) {
            if (!dialer.send(chunk)) await dialer.onDrain()
          }
          await dialer.close()
        })()
        await settled()
        // Nobody reads yet.
        expect(accepted.readBufferLength).toBeLessThanOrEqual(1024 * 1024)
        let received = 0
        for await (const list of accepted) received += list.byteLength
        await sending
        expect(received).toBe(total)
        await accepted.close()
      })
    })

    it('breaks off, whichever side aborts', async () => {
      await listening(async context => {
        for (const order of [0, 1]) {
          const pair = await connect(context)
          const [first, second] = order === 0 ? pair : pair.reverse()
          const remote = ended(second!)
          second!.addEventListener('remoteCloseWrite', () => void second!.close())
          second!.addEventListener('message', () => {})
          first!.abort(new Error('broken off'))
          await remote
          expect(first!.status).toBe('aborted')
        }
      })
    })

    it('says with a typed error that nobody answers', async () => {
      const { transport, deadAddr } = await setup()
      const upgrader = new PassThroughUpgrader()
      expect((await failure(dial(transport, deadAddr, upgrader))).name).toBe('ConnectionFailedError')
      expect(upgrader.outbound).toBe(undefined)
    })

    it('gives a dial up with its signal, before and while it runs', async () => {
      await listening(async ({ under, address, upgrader }) => {
        const reason = new Error('enough')
        const before = AbortSignal.abort(reason)
        expect(await failure(under.transport.dial(address, { upgrader, signal: before }))).toBe(reason)
        const during = new AbortController()
        const dialing = failure(under.transport.dial(address, { upgrader, signal: during.signal }))
        during.abort(reason)
        expect(await dialing).toBe(reason)
      })
    })

    it('aborts what the upgrader refuses, on both sides', async () => {
      await listening(async ({ under, address, upgrader }) => {
        const reason = new Error('refused')
        const accepting = new PassThroughUpgrader()
        const refused: Array<Promise<unknown>> = []
        const refuse = async (connection: MultiaddrConnection): Promise<never> => {
          refused.push(ended(connection))
          throw reason
        }
        upgrader.upgradeOutbound = refuse
        expect(await failure(dial(under.transport, address, upgrader))).toBe(reason)
        upgrader.upgradeOutbound = (connection, options) => accepting.upgradeOutbound(connection, options)
        const dialed = deferred()
        const asked = deferred()
        upgrader.upgradeInbound = async connection => {
          asked.resolve()
          // A refusal that came at once could still be taken for a failed dial.
          await dialed.promise
          return refuse(connection)
        }
        await dial(under.transport, address, upgrader)
        dialed.resolve()
        await asked.promise
        await settled()
        await Promise.all(refused)
      })
    })

    it('ends upgrades that hang, and connections in use, when the listener closes', async () => {
      const context = await listenOn(await setup())
      const { under, address, upgrader, listener } = context
      const [, used] = await connect(context)
      const hanging = new Promise<[MultiaddrConnection, AbortSignal]>(resolve => {
        upgrader.upgradeInbound = (connection, options) => {
          resolve([connection, options.signal])
          return new Promise(() => {})
        }
      })
      await dial(under.transport, address, upgrader)
      const [pending, signal] = await hanging
      const over = Promise.all([ended(used), ended(pending)])
      await listener.close()
      expect(signal.aborted).toBe(true)
      await over
      expect((await failure(dial(under.transport, address, upgrader))).name).toBe('ConnectionFailedError')
    })
  })

  describe('connection of the transport', () => {
    let current: Context | undefined
    const pair = async (): Promise<[MultiaddrConnection, MultiaddrConnection]> => {
      const under = await setup()
      await current?.listener.close()
      current = await listenOn(under)
      return connect(current)
    }

    // Its abort tests wait for an error at the other side.
    if (tellsOfAborts) messageStreamSuite(runner, { setup: pair })
    it('ends with its listener', async () => {
      const [, accepted] = await pair()
      const closed = ended(accepted)
      await current?.listener.close()
      expect((await closed).local).toBe(true)
    })
  })
}

interface Context {
  readonly under: TransportUnderTest
  readonly upgrader: PassThroughUpgrader
  readonly listener: Listener
  readonly address: Multiaddr
}

async function listenOn(under: TransportUnderTest): Promise<Context> {
  const upgrader = new PassThroughUpgrader()
  const listener = under.transport.createListener({ upgrader })
  await listener.listen(under.listenAddrs[0]!)
  return { under, upgrader, listener, address: listener.getAddrs()[0]! }
}

async function dial(
  transport: Transport,
  address: Multiaddr,
  upgrader: PassThroughUpgrader
): Promise<MultiaddrConnection> {
  await transport.dial(address, { upgrader, signal: new AbortController().signal })
  return upgrader.outbound!
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

async function connect({ under, address, upgrader }: Context): Promise<[MultiaddrConnection, MultiaddrConnection]> {
  const [outbound, inbound] = await Promise.all([dial(under.transport, address, upgrader), upgrader.nextInbound()])
  return [outbound, inbound]
}
