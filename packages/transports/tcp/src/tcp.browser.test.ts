import { isTransport, type Upgrader } from '@weft/interface-transport'
import { testComponents } from '@weft/interface-transport/compliance'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { tcp } from './index.ts'

describe('in a browser', () => {
  it('is a transport that takes no address', async () => {
    const transport = tcp()(testComponents())
    const address = multiaddr('/ip4/127.0.0.1/tcp/1')
    const upgrader = {} as Upgrader
    const failure = { name: 'UnsupportedOperationError' }
    expect(isTransport(transport)).toBe(true)
    expect([transport.dialFilter([address]), transport.listenFilter([address])]).toEqual([[], []])
    const dialing = transport.dial(address, { upgrader, signal: new AbortController().signal })
    await expect(dialing).rejects.toMatchObject(failure)
    expect(() => transport.createListener({ upgrader })).toThrow(expect.objectContaining(failure))
  })
})
