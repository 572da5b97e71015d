import type { MessageStream } from '@libp2p/interface'
import { openPipe } from '../open-pipe.ts'
import type { TestRunner } from './runner.ts'
import { collect, ended, settled } from './tools.ts'

/** Makes a connected pair for each test. */
export interface MessageStreamSetup {
  /** Called at the beginning of each test. What one stream sends, the other one receives. */
  readonly setup: () => Promise<[MessageStream, MessageStream]>
}

const hello = Uint8Array.from([1, 2, 3])

/** What every stream and connection of weft does, whatever carries it. */
export function messageStreamSuite({ describe, it, expect }: TestRunner, { setup }: MessageStreamSetup): void {
  describe('message stream', () => {
    it('carries bytes both ways and ends cleanly', async () => {
      const [a, b] = await setup()
      const closed = Promise.all([ended(a), ended(b)])
      a.send(hello)
      b.send(hello)
      await Promise.all([a.close(), b.close()])
      expect([...(await collect(a))]).toEqual([...hello])
      expect([...(await collect(b))]).toEqual([...hello])
      for (const event of await closed) expect(event.error).toBe(undefined)
      expect([a.status, b.status]).toEqual(['closed', 'closed'])
    })

    it('keeps what arrives before anyone listens', async () => {
      const [a, b] = await setup()
      a.send(hello)
      await settled()
      const received = new Promise<number>(resolve => {
        b.addEventListener('message', event => resolve(event.data.byteLength), { once: true })
      })
      expect(await received).toBe(3)
      a.abort(new Error('done'))
    })

    it('holds data while paused', async () => {
      const [a, b] = await setup()
      let received = 0
      b.addEventListener('message', event => {
        received += event.data.byteLength
      })
      b.pause()
      a.send(hello)
      await settled()
      expect(received).toBe(0)
      b.resume()
      await settled()
      expect(received).toBe(3)
      a.abort(new Error('done'))
    })

    it('gives what is buffered to a loop that begins after the end', async () => {
      const [a, b] = await setup()
      a.send(hello)
      await a.close()
      await settled()
      expect([...(await collect(b))]).toEqual([...hello])
      await b.close()
    })

    it('refuses to send after close, and closes twice', async () => {
      const [a, b] = await setup()
      const first = a.close()
      const second = a.close()
      await Promise.all([first, second])
      let name = ''
      try {
        a.send(hello)
      } catch (error) {
        name = (error as Error).name
      }
      expect(name).toBe('StreamStateError')
      b.abort(new Error('done'))
    })

    it('tells both sides of an abort', async () => {
      const [a, b] = await setup()
      const error = new Error('broken off')
      const [local, remote] = [ended(a), ended(b)]
      a.abort(error)
      expect(await local).toMatchObject({ error, local: true })
      expect((await remote).error !== undefined).toBe(true)
      expect(a.status).toBe('aborted')
    })

    it('aborts itself when a listener throws', async () => {
      const [a, b] = await setup()
      const error = new Error('listener')
      b.addEventListener('message', () => {
        throw error
      })
      const closed = ended(b)
      a.send(hello)
      expect((await closed).error).toBe(error)
    })

    it('aborts itself when an async listener rejects', async () => {
      const [a, b] = await setup()
      const error = new Error('listener')
      b.addEventListener('message', async () => {
        throw error
      })
      const closed = ended(b)
      a.send(hello)
      expect((await closed).error).toBe(error)
    })

    // Nobody is above these: what comes through would end the process, and the test run.
    for (const upcall of ['onBytes', 'onDrain', 'onEnd', 'onClose'] as const) {
      it(`outlives a reader that throws in ${upcall}`, async () => {
        const [a, b] = await setup()
        const error = new Error(`thrown in ${upcall}`)
        let called = (): void => {}
        const calling = new Promise<void>(resolve => {
          called = resolve
        })
        openPipe(b).attach({
          onBytes() {},
          onDrain() {},
          onEnd() {},
          onClose() {},
          [upcall]() {
            called()
            throw error
          }
        })
        const closed = ended(b)
        if (upcall === 'onDrain') {
          a.pause()
          const chunk = new Uint8Array(64 * 1024)
          for (let sent = 0; sent < 1024 && b.send(chunk); ) sent++
          a.addEventListener('message', () => {})
          a.resume()
        } else {
          a.send(hello)
          if (upcall !== 'onBytes') await Promise.all([a.close(), upcall === 'onClose' ? b.close() : undefined])
        }
        await calling
        const event = await closed
        if (upcall !== 'onClose') expect(event.error).toBe(error)
        a.abort(new Error('done'))
        await settled()
      })
    }

    it('refuses what is not bytes where it is passed', async () => {
      const [a, b] = await setup()
      for (const wrong of ['text', 7, null, undefined, [1, 2, 3], new ArrayBuffer(3), { byteLength: 3 }]) {
        let name = ''
        try {
          a.send(wrong as never)
        } catch (error) {
          name = (error as Error).name
        }
        expect([wrong, name]).toEqual([wrong, 'InvalidParametersError'])
      }
      expect(a.status).toBe('open')
      a.abort(new Error('done'))
      b.abort(new Error('done'))
    })

    it('makes a writer wait and go on', async () => {
      const [a, b] = await setup()
      b.pause()
      const chunk = new Uint8Array(64 * 1024)
      let sent = 0
      // A system buffers up to 36 MiB of a connection on its own, as Linux does by default.
      while (sent < 1024 && a.send(chunk)) sent++
      expect(a.writableNeedsDrain).toBe(true)
      const drained = a.onDrain()
      b.addEventListener('message', () => {})
      b.resume()
      await drained
      expect(a.writableNeedsDrain).toBe(false)
      a.abort(new Error('done'))
    })

    it('gives bytes to a sink, hands back what it did not use, and takes it up again', async () => {
      const [a, b] = await setup()
      const pipe = openPipe(b)
      const first = await new Promise<Uint8Array>(resolve => {
        pipe.attach({ onBytes: resolve, onDrain() {}, onEnd() {}, onClose() {} })
        a.send(hello)
      })
      pipe.detach(first.subarray(1))
      a.send(Uint8Array.from([4]))
      await a.close()
      expect([...(await collect(b))]).toEqual([2, 3, 4])
      await b.close()
    })
  })
}
