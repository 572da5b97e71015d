import { encodeLengthPrefixed, fromHex, fromUtf8, toHex } from '@weft/bytes'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { negotiateChannel, negotiateMuxer } from './raw-negotiation.ts'

describe('a channel without a handshake', () => {
  it('leaves the answer to its own name to itself, and that to the muxer to the muxer', async () => {
    const [near, far] = messageStreamPair()
    const signal = AbortSignal.timeout(5000)
    const agreement = await negotiateChannel(near, ['/plaintext/1.0.0'], 'outbound', signal)
    expect(agreement).toEqual({ protocol: '/plaintext/1.0.0', remoteWaits: false })
    const agreed = negotiateMuxer(near, ['/spdy/3.1.0'], 'outbound', signal)
    // What a listener of 2017 sent: twice the header and the name that it agrees to.
    far.send(
      fromHex(
        '132f6d756c746973747265616d2f312e302e300a' + // /multistream/1.0.0
          '112f706c61696e746578742f312e302e300a' + // /plaintext/1.0.0
          '132f6d756c746973747265616d2f312e302e300a' + // /multistream/1.0.0
          '0c2f737064792f332e312e300a' + // /spdy/3.1.0
          '8003' // the first two bytes of the muxer
      )
    )
    expect(await agreed).toBe('/spdy/3.1.0')
    for await (const chunk of near) {
      expect(toHex(chunk.subarray())).toBe('8003')
      break
    }
    expect(near.status).toBe('open')
  })
})

describe('a raw connection that says nothing', () => {
  const signal = new AbortController().signal
  const header = encodeLengthPrefixed(fromUtf8('/multistream/1.0.0\n'))
  const name = encodeLengthPrefixed(fromUtf8('/x\n'))

  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is greeted after a second by its listener, who then knows that the remote waits', async () => {
    const [near, far] = messageStreamPair()
    const heard: string[] = []
    near.addEventListener('message', ({ data }) => heard.push(toHex(data.subarray())))
    const agreement = negotiateChannel(far, ['/x'], 'inbound', signal)
    await vi.advanceTimersByTimeAsync(999)
    expect(heard).toEqual([])
    await vi.advanceTimersByTimeAsync(2)
    expect(heard).toEqual([toHex(header)])
    near.send(header)
    near.send(name)
    await vi.advanceTimersByTimeAsync(1)
    expect(await agreement).toEqual({ protocol: '/x', remoteWaits: true })
    expect(heard).toEqual([toHex(header), toHex(name)])
  })

  it('is not one that began within the second, though its proposal came late', async () => {
    const [near, far] = messageStreamPair()
    const agreement = negotiateChannel(far, ['/x'], 'inbound', signal)
    await vi.advanceTimersByTimeAsync(900)
    near.send(header)
    await vi.advanceTimersByTimeAsync(2_000)
    near.send(name)
    await vi.advanceTimersByTimeAsync(1)
    expect(await agreement).toEqual({ protocol: '/x', remoteWaits: false })
  })
})

describe('a remote that leaves at any step of an agreement', () => {
  const cases = (['outbound', 'inbound'] as const).flatMap(direction =>
    [['/b'], ['/a', '/b']].flatMap(names => [true, false].map(ends => ({ direction, names, ends })))
  )

  it.each(cases)('is noticed: $direction, $names, at peace: $ends', async ({ direction, names, ends }) => {
    const { signal } = new AbortController()
    for (let after = 0; after <= 8; after++) {
      const [near, far] = messageStreamPair()
      const opposite = direction === 'inbound' ? 'outbound' : 'inbound'
      const remote = negotiateChannel(far, ['/b'], opposite, signal).catch(() => {})
      const own = negotiateChannel(near, names, direction, signal)
      own.catch(() => {})
      for (let turn = 0; turn < after; turn++) await new Promise(resolve => setTimeout(resolve, 0))
      if (ends) far.close().catch(() => {})
      else far.abort(new Error('left'))
      const read = async (): Promise<void> => {
        for await (const _ of near);
      }
      // Whoever goes on with the connection is told, if the agreement is not.
      await own.then(read).catch((error: Error) => expect(error.name).not.toBe('Error'))
      await remote
      near.abort(new Error('the test is over'))
    }
  })
})
