import { describe, expect, it } from 'vitest'
import type { ConnectionScope } from './connection-scope.ts'
import { connectionOverhead, connectionPledge, streamOverhead } from './core/defaults.ts'
import { ResourceManager } from './resource-manager.ts'
import type { StreamScope } from './stream-scope.ts'

const kibibyte = 1024
const any = Number.POSITIVE_INFINITY
const mebibyte = 1024 * kibibyte

/** A node with 16 MiB, whose connections and streams note why they were ended. */
function node(memory = 16 * mebibyte) {
  const manager = new ResourceManager({
    resourceLimits: {
      // In browsers there would be no room for as many connections as here.
      system: { memory, connections: any, connectionsInbound: any },
      transient: { pendingInbound: any },
      peer: { memory: any },
      connection: { memory: any },
      stream: { memory: any }
    }
  })
  const ended: string[] = []
  const note = (name: string) => ({ abort: (error: Error) => void ended.push(`${name}: ${error.name}`) })
  const connect = (peer: string, direction: 'inbound' | 'outbound' = 'inbound'): ConnectionScope => {
    const connection = manager.openConnection(direction)
    connection.abortable = note(peer)
    connection.setPeer(peer)
    return connection
  }
  const stream = (connection: ConnectionScope, name: string): StreamScope => {
    const scope = connection.openStream('inbound')
    scope.abortable = note(name)
    scope.setProtocol('/p')
    return scope
  }
  /** Takes all that there is, by steps. */
  const fill = (scope: StreamScope, step = 4 * kibibyte): void => {
    while (scope.tryReserve('memory', step) === undefined);
  }
  return { manager, ended, note, connect, stream, fill }
}

describe('a node whose memory is used up', () => {
  it('has a share left for each connection whose peer is known, and ends nobody for that', async () => {
    const { manager, ended, connect, stream, fill } = node()
    const honest = connect('honest')
    const hostile = Array.from({ length: 4 }, (_, i) => stream(connect(`hostile ${i}`), `stream ${i}`))
    for (const scope of hostile) scope.reserve('memory', 3.5 * mebibyte)
    for (const scope of hostile) fill(scope)
    expect(manager.system.used('memory')).toBeLessThanOrEqual(16 * mebibyte - connectionPledge)
    const ping = stream(honest, 'ping')
    expect(ping.tryReserve('memory', connectionPledge - streamOverhead)).toBeUndefined()
    expect(honest.shared).toBe(0)
    await Promise.resolve()
    expect(ended).toEqual([])
  })

  it('lets the fullest stream of the peer that holds the most give way, at once, to a dial, a handshake and a small holder', async () => {
    const { ended, connect, stream, fill, manager } = node()
    const honest = connect('honest')
    const greedy = connect('greedy')
    const small = stream(greedy, 'small stream')
    small.reserve('memory', 100)
    for (const name of ['first', 'second']) {
      const full = stream(greedy, name)
      full.reserve('memory', 7 * mebibyte)
    }
    fill(stream(greedy, 'rest'))
    const before = manager.system.used('memory')
    expect(before).toBeGreaterThan(15 * mebibyte)
    manager.openConnection('outbound').setPeer('dialed')
    expect(manager.system.used('memory')).toBeLessThan(before - 6 * mebibyte)
    await Promise.resolve()
    expect(ended).toEqual(['first: ResourceLimitError'])
    fill(stream(greedy, 'again'))
    manager.openConnection('inbound')
    await Promise.resolve()
    expect(ended.length).toBe(2)
    fill(stream(greedy, 'once more'))
    expect(stream(honest, 'talk').tryReserve('memory', mebibyte)).toBeUndefined()
    await Promise.resolve()
    expect(ended.length).toBe(3)
    expect(ended).not.toContain('small stream: ResourceLimitError')
  })

  it('ends nothing for a peer that holds half as much as the one with the most, nor for its own', async () => {
    const { ended, connect, stream, fill } = node()
    const [a, b] = [stream(connect('a'), 'a'), stream(connect('b'), 'b')]
    a.reserve('memory', 6 * mebibyte)
    b.reserve('memory', 6 * mebibyte)
    fill(a)
    expect(a.tryReserve('memory', mebibyte)?.kind).toBe('system')
    expect(b.tryReserve('memory', mebibyte)?.kind).toBe('system')
    await Promise.resolve()
    expect(ended).toEqual([])
  })

  it('refuses more connections where nobody holds much', async () => {
    const { connect, manager, ended } = node(mebibyte)
    const error = expect.objectContaining({ name: 'ResourceLimitError', scope: 'system', resource: 'memory' })
    expect(() => {
      for (let i = 0; i < 33; i++) connect('a')
    }).toThrow(error)
    expect(() => manager.openConnection('outbound')).toThrow(error)
    await Promise.resolve()
    expect(ended).toEqual([])
  })

  it('aborts a connection that holds the most without a stream', async () => {
    const { ended, connect, manager } = node()
    const greedy = connect('greedy')
    greedy.reserve('memory', 15 * mebibyte)
    const other = connect('other')
    expect(other.openStream('outbound').tryReserve('memory', mebibyte)).toBeUndefined()
    await Promise.resolve()
    expect([ended, greedy.isClosed]).toEqual([['greedy: ResourceLimitError'], true])
    manager.close()
    expect(Object.values(manager.system.usage()).every(used => used === 0)).toBe(true)
  })

  it('promises a quarter of its memory at most, and gives promises back', () => {
    const { manager, connect, stream } = node()
    const all = Array.from({ length: 100 }, (_, i) => connect(`${i}`))
    const room = (scope: StreamScope): number => {
      let taken = 0
      while (scope.tryReserve('memory', 16 * kibibyte) === undefined) taken += 16 * kibibyte
      return taken
    }
    const promised = 64 * connectionPledge
    const left = 16 * mebibyte - 100 * connectionOverhead - promised
    const last = stream(all[99]!, 'last')
    expect(room(last)).toBeGreaterThan(left - 32 * kibibyte)
    expect(manager.system.used('memory')).toBeLessThanOrEqual(16 * mebibyte - promised)
    for (const connection of all.slice(0, 50)) connection.close()
    expect(room(last)).toBeGreaterThan(50 * connectionOverhead + 49 * connectionPledge - 32 * kibibyte)
  })
})
