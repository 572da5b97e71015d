import type { TestRunner } from '@weft/interface-connection/compliance'
import {
  type BindDatagrams,
  type DatagramAddress,
  type DatagramReceiver,
  type DatagramSocket,
  maxDatagram
} from '../datagram-socket.ts'

/** What the suite tests. */
export interface DatagramsUnderTest {
  /** Makes a socket. */
  readonly bind: BindDatagrams
  /** An address of this host. */
  readonly host: string
  /** Lets the network run until the condition holds; rejects if it does not come to hold. */
  until(condition: () => boolean): Promise<void>
}

/** Makes what is tested, anew for each test. */
export interface DatagramSetup {
  /** Called for each test. */
  readonly setup: () => DatagramsUnderTest
}

/** What a socket was told. */
class Record implements DatagramReceiver {
  readonly datagrams: Array<{ bytes: Uint8Array; from: DatagramAddress }> = []
  readonly turns: number[] = []

  onDatagram(view: Uint8Array, from: DatagramAddress): void {
    this.datagrams.push({ bytes: new Uint8Array(view), from })
  }

  onTurn(): void {
    this.turns.push(this.datagrams.length)
  }

  onDrain(): void {}

  onError(error: Error): void {
    throw error
  }
}

/** The contract of a bound datagram socket. */
export function datagramSuite({ describe, it, expect }: TestRunner, { setup }: DatagramSetup): void {
  const codeOf = async (work: () => unknown): Promise<unknown> => {
    try {
      await work()
    } catch (error) {
      return (error as { code?: string }).code
    }
    return undefined
  }
  const withSockets = async (
    count: number,
    test: (under: DatagramsUnderTest, ...sockets: Array<DatagramSocket & { heard: Record }>) => Promise<void>
  ): Promise<void> => {
    const under = setup()
    const opened = await Promise.all(Array.from({ length: count }, () => under.bind({ host: under.host, port: 0 })))
    const sockets = opened.map(socket => {
      const heard = new Record()
      socket.receive(heard)
      return Object.assign(socket, { heard })
    })
    try {
      await test(under, ...sockets)
    } finally {
      await Promise.all(sockets.map(socket => socket.close()))
    }
  }

  describe('a datagram socket', () => {
    it('has a port of its own when 0 is asked for', () =>
      withSockets(2, async (under, a, b) => {
        expect(a!.local.host).toBe(under.host)
        expect(a!.local.port).toBeGreaterThan(0)
        expect(a!.local.port === b!.local.port).toBe(false)
      }))

    it('names the sender, who is answered from the port that was written to', () =>
      withSockets(2, async (under, a, b) => {
        a!.send(Uint8Array.of(1, 2, 3), b!.local)
        await under.until(() => b!.heard.datagrams.length === 1)
        const [{ bytes, from }] = b!.heard.datagrams as [{ bytes: Uint8Array; from: DatagramAddress }]
        expect([...bytes]).toEqual([1, 2, 3])
        expect(from).toMatchObject(a!.local)
        b!.send(Uint8Array.of(4), from)
        await under.until(() => a!.heard.datagrams.length === 1)
        expect(a!.heard.datagrams[0]!.from).toMatchObject(b!.local)
      }))

    it('reaches several from one port, and hears them there', () =>
      withSockets(3, async (under, a, b, c) => {
        a!.send(Uint8Array.of(1), b!.local)
        a!.send(Uint8Array.of(2), c!.local)
        await under.until(() => b!.heard.datagrams.length + c!.heard.datagrams.length === 2)
        b!.send(Uint8Array.of(3), a!.local)
        c!.send(Uint8Array.of(4), a!.local)
        await under.until(() => a!.heard.datagrams.length === 2)
        expect(a!.heard.datagrams.map(({ bytes }) => bytes[0]!).toSorted((x, y) => x - y)).toEqual([3, 4])
      }))

    it('carries datagrams of every length up to the longest, whole', () =>
      withSockets(2, async (under, a, b) => {
        const lengths = [1, 20, 1200, maxDatagram]
        for (const length of lengths) a!.send(new Uint8Array(length).fill(length & 0xff), b!.local)
        await under.until(() => b!.heard.datagrams.length === lengths.length)
        expect(b!.heard.datagrams.map(({ bytes }) => bytes.byteLength)).toEqual(lengths)
        for (const { bytes } of b!.heard.datagrams)
          expect(bytes.every(byte => byte === (bytes.byteLength & 0xff))).toBe(true)
      }))

    it('refuses a longer one by its code', () =>
      withSockets(1, async (_under, a) => {
        expect(await codeOf(() => a!.send(new Uint8Array(maxDatagram + 1), a!.local))).toBe('ERR_TOO_LARGE')
      }))

    it('tells the end of each batch after its datagrams', () =>
      withSockets(2, async (under, a, b) => {
        for (let i = 0; i < 10; i++) a!.send(Uint8Array.of(i), b!.local)
        await under.until(() => b!.heard.turns.at(-1) === 10)
        expect(b!.heard.turns.length).toBeLessThanOrEqual(10)
        expect(b!.heard.turns.every((count, at) => count > (b!.heard.turns[at - 1] ?? 0))).toBe(true)
      }))

    it('sends to nobody without a word', () =>
      withSockets(3, async (under, a, b, gone) => {
        const { local } = gone!
        await gone!.close()
        a!.send(Uint8Array.of(1), local)
        a!.send(Uint8Array.of(2), b!.local)
        await under.until(() => b!.heard.datagrams.length === 1)
      }))

    it('refuses a port that is taken by its code', () =>
      withSockets(1, async (under, a) => {
        expect(await codeOf(() => under.bind(a!.local))).toBe('ERR_BIND')
      }))

    it('frees its port when it is closed, sends no more, and closes twice', () =>
      withSockets(1, async (under, a) => {
        await a!.close()
        await a!.close()
        expect(await codeOf(() => a!.send(Uint8Array.of(1), a!.local))).toBe('ERR_CLOSED')
        const again = await under.bind(a!.local)
        expect(again.local.port).toBe(a!.local.port)
        await again.close()
      }))
  })
}
