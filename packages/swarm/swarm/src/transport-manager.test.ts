import type { AddressManager } from '@weft/interface-node'
import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it, vi } from 'vitest'
import { type FakeListener, fakeEvents, fakeLogger, fakeTransport } from '../../interface-node/test/fakes.ts'
import { DefaultTransportManager, type TransportManagerInit } from './transport-manager.ts'

const tcp4 = '/ip4/127.0.0.1/tcp/0'
const tcp6 = '/ip6/::1/tcp/0'
const memory = '/memory/a'
const all = (...texts: string[]) => texts.map(text => multiaddr(text))

function create(listen: string[] = [], init?: TransportManagerInit) {
  const events = fakeEvents()
  const seen: string[] = []
  for (const type of ['transport:listening', 'transport:close'] as const) {
    events.addEventListener(type, () => seen.push(type))
  }
  const logger = fakeLogger()
  const addressManager = { getListenAddrs: () => all(...listen) } as AddressManager
  const upgrader = { name: 'upgrader' }
  const manager = new DefaultTransportManager({ addressManager, events, logger, upgrader: upgrader as never }, init)
  return { manager, seen, logger, upgrader }
}

describe('transport manager', () => {
  it('listens after the start, tells of it, and closes at the stop', async () => {
    const { manager, seen } = create([tcp4, memory])
    manager.add(fakeTransport('tcp'))
    manager.add(fakeTransport('memory'))
    manager.start()
    await manager.afterStart()
    expect(manager.getAddrs().map(String)).toEqual([tcp4, memory])
    const listeners = manager.getListeners() as FakeListener[]
    expect(manager.isStarted()).toBe(true)
    await manager.stop()
    expect(listeners.map(listener => listener.close.mock.calls.length)).toEqual([1, 1])
    expect(manager.getListeners()).toEqual([])
    expect(seen).toEqual(['transport:listening', 'transport:listening', 'transport:close', 'transport:close'])
  })

  it('names the addresses that no transport handles, although others can be listened on', async () => {
    const { manager } = create()
    manager.add(fakeTransport('tcp'))
    manager.start()
    const error = await manager.listen(all(tcp4, '/dns4/example.com/udp/1', memory)).catch(caught => caught)
    expect(error).toMatchObject({ name: 'UnsupportedListenAddressesError', code: 'ERR_LISTEN_FAILED' })
    expect([...error.failures.keys()]).toEqual(['/dns4/example.com/udp/1', memory])
    expect(error.message).toContain(memory)
    expect(error.cause).toMatchObject({ name: 'UnsupportedListenAddressError', address: '/dns4/example.com/udp/1' })
  })

  it('goes on without listeners if that is tolerated', async () => {
    const { manager, logger } = create([memory], { faultTolerance: 1 })
    manager.start()
    await manager.afterStart()
    expect(logger.errors).toHaveLength(1)
  })

  it('takes a machine without IPv6 for no failure, but not one without IPv4', async () => {
    const failure = new Error('EADDRNOTAVAIL')
    const without6 = create().manager
    without6.add(fakeTransport('tcp', { [tcp6]: failure }))
    without6.start()
    await without6.listen(all(tcp4, tcp6))
    expect(without6.getListeners()).toHaveLength(1)
    await expect(without6.listen(all(tcp6))).rejects.toMatchObject({ cause: failure })

    const without4 = create().manager
    without4.add(fakeTransport('tcp', { [tcp4]: failure }))
    without4.start()
    await expect(without4.listen(all(tcp4, tcp6))).rejects.toMatchObject({ name: 'UnsupportedListenAddressesError' })
  })

  it('dials with the first transport that takes the address', async () => {
    const { manager, upgrader } = create()
    const transport = fakeTransport('tcp')
    manager.add(transport)
    manager.add(fakeTransport('ip4'))
    const address = multiaddr(tcp4)
    const onProgress = vi.fn()
    await manager.dial(address, { onProgress })
    const options = { upgrader, signal: expect.any(AbortSignal), onProgress }
    expect(transport.dial).toHaveBeenCalledWith(address, options)
    expect(onProgress).toHaveBeenCalledWith(expect.objectContaining({ detail: 'fake tcp' }))
    expect(manager.dialTransportForMultiaddr(multiaddr('/ip4/1.2.3.4/udp/1'))).toBe(manager.getTransports()[1])
    await expect(manager.dial(multiaddr(memory))).rejects.toMatchObject({
      name: 'TransportUnavailableError',
      address: memory
    })
  })

  it('refuses a second transport of a name, and to listen before the start', async () => {
    const { manager } = create()
    manager.add(fakeTransport('tcp'))
    expect(() => manager.add(fakeTransport('tcp'))).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    await expect(manager.listen(all(tcp4))).rejects.toMatchObject({ name: 'NotStartedError' })
  })

  it('closes the listeners of a transport that is taken away', async () => {
    const { manager } = create()
    manager.add(fakeTransport('tcp'))
    manager.add(fakeTransport('memory'))
    manager.start()
    await manager.listen(all(tcp4, memory))
    await manager.remove('fake tcp')
    expect(manager.getAddrs().map(String)).toEqual([memory])
    await manager.removeAll()
    expect([manager.getAddrs(), manager.getTransports()]).toEqual([[], []])
  })

  it('logs a listener that cannot be closed, and closes the others', async () => {
    const { manager, logger, seen } = create()
    manager.add(fakeTransport('tcp'))
    manager.start()
    await manager.listen(all(tcp4, '/ip4/127.0.0.1/tcp/1'))
    const [first] = manager.getListeners() as FakeListener[]
    first!.close.mockRejectedValueOnce(new Error('stuck'))
    await manager.stop()
    expect(logger.errors).toHaveLength(1)
    expect(seen.filter(type => type === 'transport:close')).toHaveLength(2)
  })
})
