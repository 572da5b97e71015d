import { describe, expect, it } from 'vitest'
import {
  type ConnectionScope,
  connectionOverhead,
  ResourceManager,
  type ResourceManagerInit,
  type ScopeKind,
  type StreamScope,
  streamOverhead
} from './index.ts'

function usedBy(manager: ResourceManager, kind: ScopeKind): Record<string, number> {
  const found = manager.usage().find(({ scope }) => scope === kind)
  return Object.fromEntries(Object.entries(found?.used ?? {}).filter(([, amount]) => amount > 0))
}

function withLimits(resourceLimits: ResourceManagerInit['resourceLimits']): ResourceManager {
  return new ResourceManager({ resourceLimits })
}

function thrownBy(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('a connection', () => {
  it('is transient until its peer is known, and counts in it then', () => {
    const manager = new ResourceManager()
    const connection = manager.openConnection('inbound', { fileDescriptors: 1 })
    const own = { connections: 1, connectionsInbound: 1, fileDescriptors: 1 }
    const pending = { ...own, pendingInbound: 1, memory: connectionOverhead }
    expect(usedBy(manager, 'transient')).toEqual(pending)
    expect(usedBy(manager, 'system')).toEqual(pending)
    connection.setPeer('a')
    expect(connection.peer).toBe('a')
    expect(usedBy(manager, 'transient')).toEqual({})
    expect(usedBy(manager, 'peer')).toEqual({ ...own, memory: connectionOverhead })
    expect(usedBy(manager, 'system')).toEqual({ ...own, memory: connectionOverhead })
    expect(usedBy(manager, 'connection')).toEqual(own)
    connection.close()
    connection.close()
    expect(manager.usage().map(({ scope }) => scope)).toEqual(['system', 'transient'])
    expect(usedBy(manager, 'system')).toEqual({})
  })

  it('is refused at a limit, with an error that says which, and nothing changes', () => {
    const manager = withLimits({ system: { connectionsInbound: 1 } })
    manager.openConnection('inbound')
    const before = manager.usage()
    expect(thrownBy(() => manager.openConnection('inbound'))).toMatchObject({
      name: 'ResourceLimitError',
      code: 'ERR_RESOURCE_LIMIT',
      message:
        'the system holds 1 of at most 1 connections (connectionsInbound), and one more was refused: option resourceLimits.system.connectionsInbound',
      scope: 'system',
      scopeName: '',
      resource: 'connectionsInbound',
      limit: 1,
      current: 1,
      requested: 1,
      option: 'resourceLimits.system.connectionsInbound'
    })
    expect(manager.usage()).toEqual(before)
    expect(manager.refusals()).toEqual([{ scope: 'system', resource: 'connectionsInbound', count: 1 }])
    manager.openConnection('outbound')
  })

  it('stays pending when its peer has no room', () => {
    const manager = withLimits({ peer: { connections: 1 } })
    manager.openConnection('outbound').setPeer('a')
    const second = manager.openConnection('inbound')
    expect(() => second.setPeer('a')).toThrow(expect.objectContaining({ scope: 'peer', scopeName: 'a', limit: 1 }))
    expect(usedBy(manager, 'transient')).toMatchObject({ pendingInbound: 1 })
    second.setPeer('b')
    expect(usedBy(manager, 'transient')).toEqual({})
  })

  it('from an allowed address does not count as one, but costs memory and a descriptor all the same', () => {
    const manager = withLimits({ system: { connections: 0, fileDescriptors: 1 }, transient: { pendingInbound: 0 } })
    const connection = manager.openConnection('inbound', { isAllowed: true, fileDescriptors: 1 })
    connection.setPeer('a')
    expect(usedBy(manager, 'system')).toEqual({ memory: connectionOverhead, fileDescriptors: 1 })
    expect(() => manager.openConnection('inbound', { isAllowed: true, fileDescriptors: 1 })).toThrow(/fileDescriptors/)
  })

  it('is limited in number, in handshakes, in descriptors and in the memory that it costs', () => {
    const limits = [
      { system: { connections: 1 } },
      { transient: { pendingInbound: 1 } },
      { system: { fileDescriptors: 1 } },
      { system: { memory: 2 * connectionOverhead - 1 } },
      { transient: { connectionsInbound: 1 } }
    ]
    for (const resourceLimits of limits) {
      const manager = withLimits(resourceLimits)
      manager.openConnection('inbound', { fileDescriptors: 1 })
      const [[scope, row]] = Object.entries(resourceLimits) as [[string, object]]
      const [resource] = Object.keys(row)
      expect(thrownBy(() => manager.openConnection('inbound', { fileDescriptors: 1 }))).toMatchObject({
        scope,
        resource,
        option: `resourceLimits.${scope}.${resource}`
      })
    }
  })
})

describe('a stream', () => {
  it('is transient until its protocol is agreed, and counts in it and in its service then', () => {
    const manager = new ResourceManager()
    const connection = manager.openConnection('outbound')
    connection.setPeer('a')
    const stream = connection.openStream('inbound')
    const own = { streams: 1, streamsInbound: 1 }
    expect(usedBy(manager, 'transient')).toEqual({ ...own, memory: streamOverhead })
    stream.setProtocol('/echo/1.0.0')
    stream.setService('echo')
    stream.reserve('memory', 100)
    expect(usedBy(manager, 'transient')).toEqual({})
    for (const kind of ['protocol', 'service'] as const) {
      expect(usedBy(manager, kind)).toEqual({ ...own, memory: streamOverhead + 100 })
    }
    const memory = connectionOverhead + streamOverhead + 100
    expect(usedBy(manager, 'peer')).toMatchObject({ ...own, memory })
    expect(usedBy(manager, 'connection')).toMatchObject({ ...own, memory: 100 })
    stream.setProtocol('/echo/2.0.0')
    expect(manager.usage().flatMap(({ scope, scopeName }) => (scope === 'protocol' ? [scopeName] : []))).toEqual([
      '/echo/2.0.0'
    ])
    stream.close()
    expect(usedBy(manager, 'system')).toEqual({ connections: 1, connectionsOutbound: 1, memory: connectionOverhead })
  })

  it('goes with its connection', () => {
    const manager = new ResourceManager()
    const connection = manager.openConnection('outbound')
    const stream = connection.openStream('outbound')
    stream.setProtocol('/a')
    stream.reserve('memory', 5)
    connection.close()
    expect(stream.isClosed).toBe(true)
    expect(manager.usage().map(({ used }) => Object.values(used).every(amount => amount === 0))).toEqual([true, true])
    // Late callers find nothing to take and nothing to give.
    expect(stream.tryReserve('memory', 5)).toBeUndefined()
    stream.release('memory', 5)
    stream.setProtocol('/b')
    expect(usedBy(manager, 'system')).toEqual({})
  })

  it.each([
    ['connection', 'streamsInbound'],
    ['system', 'streamsInbound'],
    ['transient', 'streams'],
    ['peer', 'streams']
  ] as const)('is limited in number by its %s', (scope, resource) => {
    const manager = withLimits({ [scope]: { [resource]: 1 } })
    const connection = manager.openConnection('inbound')
    connection.setPeer('a')
    connection.openStream('inbound')
    expect(() => connection.openStream('inbound')).toThrow(expect.objectContaining({ scope, resource, limit: 1 }))
    expect(usedBy(manager, 'system')['streamsInbound']).toBe(1)
  })

  it('stays transient where its protocol or service has no room', () => {
    const manager = withLimits({ protocols: { '/a': { streams: 1 } }, service: { memory: streamOverhead } })
    const connection = manager.openConnection('inbound')
    const [first, second] = [connection.openStream('inbound'), connection.openStream('inbound')]
    first.setProtocol('/a')
    const full = {
      scope: 'protocol',
      scopeName: '/a',
      option: 'resourceLimits.protocols["/a"].streams'
    }
    expect(() => second.setProtocol('/a')).toThrow(expect.objectContaining(full))
    expect(second.protocol).toBe('')
    second.setProtocol('/b')
    first.setService('s')
    expect(() => second.setService('s')).toThrow(expect.objectContaining({ scope: 'service', resource: 'memory' }))
    first.close()
    second.setService('s')
  })

  it('moves into its protocol and its service at once, or stays where it is', () => {
    const manager = withLimits({ services: { s: { streams: 1 } } })
    const connection = manager.openConnection('inbound')
    const [first, second] = [connection.openStream('inbound'), connection.openStream('inbound')]
    first.setProtocol('/a', 's')
    expect([first.protocol, first.service]).toEqual(['/a', 's'])
    const before = manager.usage()
    expect(() => second.setProtocol('/b', 's')).toThrow(
      expect.objectContaining({ scope: 'service', scopeName: 's', option: 'resourceLimits.services["s"].streams' })
    )
    expect(manager.usage()).toEqual(before)
    first.close()
    second.setProtocol('/b', 's')
    second.setProtocol('/b', '')
    expect(second.service).toBe('')
    expect(usedBy(manager, 'service')).toEqual({})
  })

  it('counts payload alone against its own memory and that of its connection', () => {
    const manager = withLimits({ connection: { memory: 10 }, stream: { memory: 6 } })
    const connection = manager.openConnection('inbound')
    const [first, second] = [connection.openStream('inbound'), connection.openStream('inbound')]
    first.reserve('memory', 6)
    expect(first.tryReserve('memory', 1)).toBe(first)
    expect(second.tryReserve('memory', 5)).toBe(connection)
    expect(second.tryReserve('memory', 4)).toBeUndefined()
    expect(manager.refusals()).toEqual([
      { scope: 'stream', resource: 'memory', count: 1 },
      { scope: 'connection', resource: 'memory', count: 1 }
    ])
  })
})

describe('what is unsent', () => {
  const kibibyte = 1024
  const setup = (
    limits: ResourceManagerInit['resourceLimits']
  ): { manager: ResourceManager; streams: StreamScope[] } => {
    const manager = withLimits(limits)
    const connection = manager.openConnection('outbound')
    connection.setPeer('a')
    return { manager, streams: [connection.openStream('outbound'), connection.openStream('outbound')] }
  }

  it('counts in itself, and as memory above the connection, whose own is left for what it has to read', () => {
    const { manager, streams } = setup({})
    const [stream] = streams as [StreamScope]
    stream.setProtocol('/a', 's')
    expect(stream.holdUnsent(1000, false)).toBe(1000)
    const others = { peer: connectionOverhead + 2 * streamOverhead, protocol: streamOverhead, service: streamOverhead }
    for (const [kind, overhead] of Object.entries(others)) {
      expect(usedBy(manager, kind as ScopeKind)).toMatchObject({ unsent: 1000, memory: overhead + 1000 })
    }
    expect(usedBy(manager, 'connection')).toMatchObject({ unsent: 1000 })
    expect(usedBy(manager, 'connection')['memory']).toBeUndefined()
    expect([stream.used('memory'), stream.used('unsent')]).toEqual([0, 1000])
    stream.releaseUnsent(300)
    expect(usedBy(manager, 'system')).toMatchObject({ unsent: 700 })
    stream.setProtocol('/b', '')
    expect(usedBy(manager, 'protocol')).toMatchObject({ unsent: 700, memory: streamOverhead + 700 })
    stream.releaseUnsent(5000)
    expect(usedBy(manager, 'system')['unsent']).toBeUndefined()
    stream.holdUnsent(10, true)
    stream.close()
    expect(usedBy(manager, 'system')).toMatchObject({ memory: connectionOverhead + streamOverhead })
    expect(stream.holdUnsent(10, false)).toBe(0)
  })

  it('is refused past the limit to whoever was told to wait', () => {
    const { manager, streams } = setup({ connection: { unsent: 1000 } })
    const [first, second] = streams as [StreamScope, StreamScope]
    first.holdUnsent(600, true)
    const before = manager.usage()
    expect(() => second.holdUnsent(401, false)).toThrow(
      expect.objectContaining({
        message:
          'the connection holds 600 of at most 1000 bytes (unsent), and 401 more were refused: option resourceLimits.connection.unsent',
        resource: 'unsent'
      })
    )
    expect(manager.usage()).toEqual(before)
    expect(manager.refusals()).toEqual([{ scope: 'connection', resource: 'unsent', count: 1 }])
    second.holdUnsent(400, false)
  })

  it('is taken of whoever waits as long as there is room, of which it leaves others half', () => {
    const { streams } = setup({ connection: { unsent: 1000 * kibibyte } })
    const [first, second] = streams as [StreamScope, StreamScope]
    expect(first.holdUnsent(5000 * kibibyte, true)).toBe(500 * kibibyte)
    expect(second.holdUnsent(400 * kibibyte, true)).toBe(400 * kibibyte)
    expect(() => second.holdUnsent(200 * kibibyte, true)).toThrow(/unsent/)
  })

  it('is refused where the node has no memory, and is what is freed first when it is short', () => {
    const { manager, streams } = setup({ system: { memory: 100 * kibibyte } })
    const [first, second] = streams as [StreamScope, StreamScope]
    const ended: string[] = []
    first.abortable = { abort: () => ended.push('first') }
    second.abortable = { abort: () => ended.push('second') }
    first.reserve('memory', 10 * kibibyte)
    second.holdUnsent(20 * kibibyte, false)
    expect(() => first.holdUnsent(50 * kibibyte, true)).toThrow(
      expect.objectContaining({ scope: 'system', resource: 'memory', option: 'resourceLimits.system.memory' })
    )
    const connection = first.owner as ConnectionScope
    expect(connection.shedLargestStream(manager.system)).toBe(true)
    // A connection's own memory is what it has to read.
    expect(connection.shedLargestStream(connection)).toBe(true)
    expect(ended).toEqual(['second', 'first'])
  })
})

describe('windows', () => {
  const mebibyte = 1024 * 1024
  const setup = (
    limits: ResourceManagerInit['resourceLimits']
  ): { manager: ResourceManager; streams: StreamScope[] } => {
    const manager = withLimits(limits)
    const streams = ['a', 'b'].map(peer => {
      const connection = manager.openConnection('inbound')
      connection.setPeer(peer)
      const stream = connection.openStream('inbound')
      stream.setProtocol('/a')
      return stream
    })
    return { manager, streams }
  }

  it('grow up to a quarter of the memory in each connection, and count as no memory', () => {
    const { manager, streams } = setup({})
    const [first, second] = streams as [StreamScope, StreamScope]
    const before = manager.system.used('memory')
    for (let i = 0; i < 3; i++) expect(first.growWindow(15 * mebibyte)).toBe(true)
    const sibling = (first.owner as ConnectionScope).openStream('inbound')
    sibling.setProtocol('/a')
    expect([sibling.growWindow(20 * mebibyte), sibling.growWindow(15 * mebibyte)]).toEqual([false, true])
    expect(second.growWindow(15 * mebibyte)).toBe(true)
    expect(manager.system.used('memory') - before).toBe(streamOverhead)
    expect(manager.refusals()).toEqual([])
    first.release('windows', 15 * mebibyte)
    expect(first.growWindow(15 * mebibyte)).toBe(true)
    first.owner!.close()
    expect(manager.system.used('windows')).toBe(15 * mebibyte)
  })

  it('follow a smaller memory', () => {
    const { streams } = setup({ system: { memory: 40 * mebibyte } })
    expect([streams[0]!.growWindow(11 * mebibyte), streams[0]!.growWindow(10 * mebibyte)]).toEqual([false, true])
    expect(setup({ connection: { windows: 5 } }).streams[0]!.growWindow(6)).toBe(false)
  })

  it('grow only while there is room beside what is in use, and shrink first when there is none', () => {
    const { manager, streams } = setup({ system: { memory: 16 * mebibyte } })
    const [first, second] = streams as [StreamScope, StreamScope]
    expect(first.growWindow(4 * mebibyte)).toBe(true)
    second.reserve('memory', 11 * mebibyte)
    expect([first.isShortOfWindows, second.growWindow(mebibyte)]).toEqual([false, false])
    // Memory is never refused for what a window promises.
    second.reserve('memory', mebibyte)
    expect([first.isShortOfWindows, second.isShortOfWindows]).toEqual([true, true])
    first.release('windows', mebibyte)
    expect(first.isShortOfWindows).toBe(false)
    expect(manager.refusals()).toEqual([])
  })
})

describe('memory that is short', () => {
  it('is told of once there is some again', () => {
    const manager = withLimits({ connection: { memory: 100 } })
    const connection = manager.openConnection('inbound')
    const stream = connection.openStream('inbound')
    stream.reserve('memory', 100)
    let told = 0
    connection.onRelief(() => told++)
    stream.release('memory', 24)
    expect(told).toBe(0)
    stream.release('memory', 1)
    stream.release('memory', 1)
    expect(told).toBe(1)
    const never = (): void => void told++
    connection.onRelief(never)
    connection.offRelief(never)
    stream.close()
    expect(told).toBe(1)
  })

  it('is taken from the fullest stream of the connection that holds the most', () => {
    const manager = withLimits({ system: { memory: 10 * connectionOverhead } })
    const ended: string[] = []
    const connections = ['a', 'b'].map(peer => {
      const connection = manager.openConnection('inbound')
      connection.setPeer(peer)
      connection.abortable = { abort: error => ended.push(`${peer}: ${error.message}`) }
      return connection
    })
    const [a, b] = [connections[0]!, connections[1]!]
    expect(a.shedLargestStream(manager.system)).toBe(false)
    b.reserve('memory', 5)
    expect(a.shedLargestStream(manager.system)).toBe(true)
    expect(ended.splice(0)).toEqual([expect.stringContaining('b: the system holds')])
    for (const [connection, sizes] of [
      [a, [1000]],
      [b, [600, 700, 200]]
    ] as const) {
      for (const size of sizes) {
        const stream = connection.openStream('inbound')
        stream.reserve('memory', size)
        stream.abortable = { abort: error => ended.push(`${connection.peer} ${size}: ${error.message}`) }
      }
    }
    expect(a.shedLargestStream(manager.system)).toBe(true)
    expect(ended.pop()).toMatch(
      /^b 700: the system holds \d+ of at most 327680 bytes \(memory\), for too long, and this/
    )
    // Only what counts in the scope that is short.
    expect(a.shedLargestStream(a)).toBe(true)
    expect(ended.pop()).toMatch(/^a 1000: the connection holds 1000 of at most/)
  })
})

describe('limits', () => {
  it('are listed with value, unit, option, default and reason', () => {
    const limits = new ResourceManager().limits()
    expect(limits).toContainEqual({
      scope: 'system',
      scopeName: '',
      resource: 'memory',
      value: 268_435_456,
      unit: 'bytes',
      option: 'resourceLimits.system.memory',
      default: 268_435_456,
      reason: 'a node under attack stays below 512 MiB in all'
    })
    for (const { value, default: standard, reason, option } of limits) {
      expect([option, value]).toEqual([option, standard])
      expect(reason).not.toBe('')
      expect(Number.isFinite(value)).toBe(true)
    }
    const inbound = limits.find(({ resource }) => resource === 'connectionsInbound')
    expect(inbound?.value).toBe(typeof window === 'undefined' ? 768 : 96)
  })

  it('follow the options of js-libp2p, which no other limit undercuts', () => {
    const manager = new ResourceManager({ maxConnections: 10_000, maxIncomingPendingConnections: 5_000 })
    for (let i = 0; i < 5_000; i++) manager.openConnection('inbound', { fileDescriptors: 1 })
    const one = thrownBy(() => manager.openConnection('inbound'))
    expect(one).toMatchObject({ limit: 5_000, option: 'connectionManager.maxIncomingPendingConnections' })
    for (const scope of manager.system.children) (scope as { setPeer?: (peer: string) => void }).setPeer?.('a')
    for (let i = 5_000; i < 10_000; i++) {
      manager.openConnection('inbound', { fileDescriptors: 1 }).setPeer('a')
    }
    const two = thrownBy(() => manager.openConnection('inbound'))
    expect(two).toMatchObject({ limit: 10_000, option: 'connectionManager.maxConnections' })
    // Dials under way come on top.
    for (let i = 0; i < 100; i++) manager.openConnection('outbound', { fileDescriptors: 1 })
    expect(() => manager.openConnection('outbound')).toThrow(expect.objectContaining({ resource: 'connections' }))
    const fewer = new ResourceManager({ maxConnections: 10, maxInboundConnections: 0 })
    expect(() => fewer.openConnection('inbound')).toThrow(/option connectionManager\.maxInboundConnections/)
  })

  it('of resourceLimits come before those, and each can be changed', () => {
    const manager = new ResourceManager({ maxConnections: 5, resourceLimits: { system: { connectionsInbound: 1 } } })
    manager.openConnection('inbound')
    expect(() => manager.openConnection('inbound')).toThrow(/resourceLimits\.system\.connectionsInbound/)
    manager.setMaxConnections(7)
    expect(() => manager.openConnection('inbound')).toThrow(/resourceLimits\.system\.connectionsInbound/)
    expect(manager.system.limit('connections')).toBe(107)
    manager.setLimit('system', 'connectionsInbound', Number.POSITIVE_INFINITY)
    manager.openConnection('inbound')
  })

  it('of a connection are no lower than the options of its muxer', () => {
    const manager = new ResourceManager({ resourceLimits: { stream: { memory: 5 } } })
    const connection = manager.openConnection('inbound')
    const memory = connection.limit('memory')
    connection.adopt({ connection: { streamsInbound: 2000, memory: 7 }, stream: { memory: 9, streams: undefined } })
    expect([connection.limit('streamsInbound'), connection.limit('memory')]).toEqual([2000, memory])
    expect(connection.openStream('inbound').limit('memory')).toBe(5)
    expect(manager.openConnection('inbound').limit('streamsInbound')).toBe(1024)
  })

  it.each([
    [{ system: { memory: -1 } }, 'resourceLimits.system.memory must be a number of 0 or more, not -1'],
    [{ system: { memory: '1' } }, 'resourceLimits.system.memory must be a number of 0 or more, not 1'],
    [{ peer: { memori: 1 } }, /^resourceLimits\.peer\.memori is none of connections, /],
    [{ pear: {} }, /^resourceLimits\.pear is none of system, transient, /],
    [{ protocols: { '/a': { memory: Number.NaN } } }, /^resourceLimits\.protocols\["\/a"\]\.memory must be/]
  ])('%j is refused', (resourceLimits, message) => {
    expect(thrownBy(() => withLimits(resourceLimits as never))).toMatchObject({
      name: 'InvalidParametersError',
      message: expect.stringMatching(message as never),
      option: expect.stringContaining('resourceLimits.')
    })
  })

  it('hold for what a service keeps', () => {
    const manager = withLimits({ services: { store: { memory: 10 } } })
    const [store, same] = [manager.enterService('store'), manager.enterService('store')]
    expect(same).toBe(store)
    store.reserve('memory', 10)
    expect(() => store.reserve('memory', 1)).toThrow(/resourceLimits\.services\["store"\]\.memory/)
    manager.leaveService(store)
    expect(usedBy(manager, 'system')).toEqual({ memory: 10 })
    manager.leaveService(store)
    expect(usedBy(manager, 'system')).toEqual({})
  })
})

it('reserves no amount that is none', () => {
  const { system } = new ResourceManager()
  for (const amount of [-1, Number.NaN]) {
    expect(() => system.reserve('memory', amount)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  }
})
