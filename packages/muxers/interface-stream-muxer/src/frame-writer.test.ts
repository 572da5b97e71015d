import { openPipe } from '@weft/interface-connection'
import { messageStreamPair, settled } from '@weft/interface-connection/compliance'
import { describe, expect, it, vi } from 'vitest'
import { FrameWriter } from './index.ts'

const setup = (): { writer: FrameWriter; written: Uint8Array[][]; failures: unknown[] } => {
  const [connection] = messageStreamPair()
  const pipe = openPipe(connection)
  const written: Uint8Array[][] = []
  vi.spyOn(pipe, 'writev').mockImplementation(chunks => written.push([...chunks]) < 3)
  const failures: unknown[] = []
  const writer = new FrameWriter({
    pipe,
    scope: undefined,
    guard: task => task(),
    onFailure: error => failures.push(error)
  })
  return { writer, written, failures }
}

describe('FrameWriter', () => {
  it('keeps views in order and writes them once, at the end of the turn', async () => {
    const { writer, written } = setup()
    const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(3)]
    writer.push(a)
    writer.push(b)
    expect([writer.byteLength, written]).toEqual([3, []])
    await settled()
    expect(written[0]![0]).toBe(a)
    expect(written[0]![1]).toBe(b)
    expect(writer.byteLength).toBe(0)
    writer.flush()
    writer.push(Uint8Array.of(4))
    await settled()
    expect(written.length).toBe(2)
  })

  it('keeps what comes while the connection takes nothing, and wakes who waits for it', async () => {
    const { writer, written } = setup()
    const woken: string[] = []
    const [first, gone] = ['first', 'gone'].map(name => ({ onWritable: () => void woken.push(name) }))
    for (let i = 0; i < 3; i++) {
      expect(writer.mayWrite(first!)).toBe(true)
      writer.push(Uint8Array.of(i))
      writer.flush()
    }
    expect([writer.mayWrite(first!), writer.mayWrite(gone!)]).toEqual([false, false])
    writer.forget(gone!)
    writer.push(Uint8Array.of(9))
    await settled()
    expect(written.length).toBe(3)
    writer.drained()
    expect([written.length, woken]).toEqual([4, ['first']])
  })

  it('writes nothing after its end', async () => {
    const { writer, written, failures } = setup()
    writer.push(Uint8Array.of(1))
    writer.end()
    await settled()
    expect([written, failures]).toEqual([[], []])
  })
})
