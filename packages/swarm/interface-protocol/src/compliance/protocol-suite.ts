import type { AbortOptions, Startable, Stream } from '@libp2p/interface'
import { settled, type TestRunner, until } from '@weft/interface-connection/compliance'
import { ProtocolNode, type ProtocolNodeOptions } from './node.ts'
import { chargeStream, streamPair } from './streams.ts'

/** A service under test. */
export interface ProtocolSetup {
  /** Its protocols, all of them. */
  readonly protocols: readonly string[]
  /** What others may depend on. @default none */
  readonly capabilities?: readonly string[]
  /** Makes it on a node. `timeout` is for its own option of that name, in milliseconds; without it the default. */
  create(node: ProtocolNode, options: { timeout?: number }): object | Promise<object>
  /** Asks a peer, for a service that does: the result must settle. It opens one stream, with `node.open`. */
  ask?(service: object, node: ProtocolNode, options: AbortOptions): Promise<unknown>
  /** Whether a peer that is asked must answer; a service that only tells is `false`. @default true */
  readonly needsAnswer?: boolean
  /**
   * Bytes that may be charged to a stream while a remote sends all it can. @default 131072: what `StreamBytes` reads ahead,
   * and as much unread in the stream
   */
  readonly maxHeld?: number
}

/** Long enough to see an end that comes, short enough to wait for: no test asks how long it took. */
const timeout = 20

/**
 * What every service of a protocol does: it lives from start to stop, survives whatever a remote sends, holds no more than it
 * may, and ends with its deadline and its signal. Over the byte path, and over streams that have events alone.
 */
export function protocolSuite({ describe, it, expect }: TestRunner, setup: ProtocolSetup): void {
  const { protocols, maxHeld = 128 * 1024 } = setup

  async function start(options: ProtocolNodeOptions & { timeout?: number } = {}) {
    const { timeout: limit, ...rest } = options
    const node = new ProtocolNode(rest)
    const service = await setup.create(node, limit === undefined ? {} : { timeout: limit })
    await (service as Startable).start()
    return { node, service, startable: service as Startable & { isStarted(): boolean } }
  }

  describe('life of the service', () => {
    it('handles its protocols from start to stop, and again', async () => {
      const { node, service, startable } = await start()
      for (let round = 0; round < 2; round++) {
        await startable.start()
        expect(startable.isStarted()).toBe(true)
        expect([...node.handlers.keys()].toSorted()).toEqual([...protocols].toSorted())
        await startable.stop()
        await startable.stop()
        expect(startable.isStarted()).toBe(false)
        expect(node.handlers.size).toBe(0)
        await startable.start()
      }
      const capabilities = Reflect.get(service, Symbol.for('@libp2p/service-capabilities')) ?? []
      for (const capability of setup.capabilities ?? []) expect(capabilities).toContain(capability)
    })

    it('says how many streams it takes', async () => {
      const { node } = await start()
      for (const { options } of node.handlers.values()) {
        expect(options?.maxInboundStreams).toBeGreaterThan(0)
        expect(options?.maxOutboundStreams).toBeGreaterThan(0)
        expect(typeof options?.runOnLimitedConnection).toBe('boolean')
      }
    })

    it('is not started where a protocol is refused, and takes away no handler of others', async () => {
      const node = new ProtocolNode()
      const service = (await setup.create(node, {})) as Startable & { isStarted(): boolean }
      const removed: string[] = []
      const refused = new Error('handled already')
      node.components.registrar.handle = async () => {
        throw refused
      }
      node.components.registrar.unhandle = async protocol => void removed.push(protocol)
      await expect(service.start() as Promise<void>).rejects.toMatchObject({ message: refused.message })
      expect([service.isStarted(), removed]).toEqual([false, []])
    })
  })

  for (const [path, eventsOnly] of [
    ['over the byte path', false],
    ['over events', true]
  ] as const) {
    describe(`what a remote may do ${path}`, () => {
      /** Lets a remote act on a stream of each protocol, and waits for the stream to be over. */
      async function serve(act: (near: Stream, far: Stream) => void, limit?: number): Promise<void> {
        const { node } = await start({ eventsOnly, ...(limit !== undefined && { timeout: limit }) })
        for (const protocol of protocols) {
          const [near, far] = streamPair({ eventsOnly })
          const account = chargeStream(far)
          const before = account.used('memory')
          const serving = node.serve(protocol, far)
          // What comes back is taken, so that only the remote's own acts decide.
          near.addEventListener('message', () => {})
          act(near, far)
          await serving
          await until(() => isOver(far))
          expect(account.used('memory')).toBe(before)
        }
      }

      it('it ends at once', () => serve(near => void near.close()))
      it('it resets', () => serve(near => near.abort(new Error('reset'))))
      it('it resets in the middle', () =>
        serve(near => {
          near.send(new Uint8Array([5, 1]))
          setTimeout(() => near.abort(new Error('reset')), 1)
        }))
      it('it sends nothing, and is let go', () => serve(() => {}, timeout))
      it('it sends half a message, and is let go', () => serve(near => void near.send(new Uint8Array([5, 1])), timeout))

      it('it sends arbitrary bytes', async () => {
        for (let seed = 1; seed <= 40; seed++) {
          await serve(near => {
            near.send(arbitrary(seed))
            void near.close().catch(() => {})
            // They may ask for more than anybody takes.
            setTimeout(() => near.abort(new Error('enough')), 10)
          })
        }
      })

      it('it sends all it can, and no more is held than may be', async () => {
        const { node } = await start({ eventsOnly })
        for (const protocol of protocols) {
          const [near, far] = streamPair({ eventsOnly, highWaterMark: 32 * 1024 })
          const account = chargeStream(far)
          const before = account.used('memory')
          let most = 0
          const serving = node.serve(protocol, far)
          // Nothing of the answers is read.
          near.pause()
          for (let sent = 0; sent < 1024 && !isOver(near); sent += 4) {
            if (near.writableNeedsDrain) await settled()
            if (near.writableNeedsDrain || isOver(near)) break
            near.send(arbitrary(sent, 4096))
            most = Math.max(most, account.used('memory') - before)
          }
          expect(most).toBeLessThanOrEqual(maxHeld)
          near.abort(new Error('done'))
          await serving
          await until(() => isOver(far))
          expect(account.used('memory')).toBe(before)
        }
      })
    })

    if (setup.ask === undefined) continue
    describe(`asking ${path}`, () => {
      async function asking(remote: (far: Stream) => void, options: AbortOptions = {}, limit?: number) {
        const { node, service } = await start({ eventsOnly, remote, ...(limit !== undefined && { timeout: limit }) })
        return { node, answer: setup.ask!(service, node, options) }
      }

      it('opens nothing with a signal that has fired', async () => {
        const signal = AbortSignal.abort(new RangeError('too late'))
        const { node, answer } = await asking(() => {}, { signal })
        await expect(answer).rejects.toMatchObject({ message: 'too late' })
        expect(node.opened.length).toBe(0)
      })

      if (setup.needsAnswer === false) return
      it('gives up with its signal, and leaves no stream', async () => {
        const controller = new AbortController()
        const { node, answer } = await asking(() => {}, { signal: controller.signal })
        await until(() => node.opened.length > 0)
        controller.abort(new RangeError('enough'))
        await expect(answer).rejects.toMatchObject({ message: 'enough' })
        await until(() => node.opened.every(({ near }) => isOver(near)))
      })

      it('gives up after its timeout, and leaves no stream', async () => {
        const { node, answer } = await asking(() => {}, {}, timeout)
        await expect(answer).rejects.toMatchObject({ name: 'TimeoutError' })
        await until(() => node.opened.every(({ near }) => isOver(near)))
      })

      it('fails where the remote ends, resets or sends anything, and leaves no stream', async () => {
        const acts: Array<(far: Stream) => void> = [
          far => void far.close(),
          far => far.abort(new Error('no')),
          far => {
            far.send(arbitrary(7, 2048))
            void far.close().catch(() => {})
          }
        ]
        for (const act of acts) {
          const { node, answer } = await asking(act)
          await expect(answer).rejects.toMatchObject({})
          await until(() => node.opened.every(({ near }) => isOver(near)))
        }
      })
    })
  }
}

function isOver({ status }: Stream): boolean {
  return status !== 'open' && status !== 'closing'
}

/** Bytes that follow from a seed (xorshift32). */
function arbitrary(seed: number, length: number = (seed * 37) % 600): Uint8Array {
  let state = seed + 1
  return Uint8Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state & 0xff
  })
}
