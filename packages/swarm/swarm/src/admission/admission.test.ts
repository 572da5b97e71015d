import type { MultiaddrConnection } from '@libp2p/interface'
import { connectionScopeOf } from '@weft/interface-connection'
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { multiaddr } from '@weft/multiaddr'
import { ResourceManager } from '@weft/resources'
import { describe, expect, it } from 'vitest'
import { fakeLogger } from '../../../interface-node/test/fakes.ts'
import { ConnectionAdmission } from './admission.ts'
import { type AdmissionInit, admissionLimits } from './options.ts'

const noCounts = { connections: 0, inbound: 0 }

function create(init: AdmissionInit = {}) {
  const counts = { connections: 0, inbound: 0 }
  return { counts, admission: new ConnectionAdmission(fakeLogger(), init, counts) }
}

function connectionFrom(address: string): MultiaddrConnection {
  const [, connection] = messageStreamPair()
  connection.remoteAddr = multiaddr(address)
  return connection
}

describe('inbound connections', () => {
  it('give their place back when they close, also during the handshake', () => {
    const { admission } = create({ maxIncomingPendingPerAddress: 1 })
    const ticket = admission.admit('1.2.3.4')!
    expect([admission.pending, admission.admit('1.2.3.4')]).toEqual([1, undefined])
    const connection = connectionFrom('/ip4/1.2.3.4/tcp/1')
    ticket.carry(connection)
    expect(admission.accept(connection)).toBe(true)
    admission.settle(connection)
    expect(admission.pending).toBe(0)
    connection.abort(new Error('over'))
    admission.admit('1.2.3.4')!.carry(connectionFrom('/ip4/1.2.3.4/tcp/1'))
    expect(admission.pending).toBe(1)
  })

  it('are aborted with the reason when they have to give way, before and after they are connections', () => {
    const { admission } = create({ maxIncomingPendingConnections: 2 })
    const early = admission.admit('1.0.0.1')!
    const errors: Error[] = []
    early.onEvicted = error => errors.push(error)
    const carried = connectionFrom('/ip4/1.0.0.1/tcp/1')
    admission.admit('1.0.0.1')!.carry(carried)
    admission.admit('1.0.0.2')
    expect(errors).toMatchObject([{ name: 'ConnectionDeniedError', reason: 'evicted', limit: 2 }])
    const late = connectionFrom('/ip4/1.0.0.1/tcp/1')
    early.carry(late)
    expect([late.status, carried.status]).toEqual(['aborted', 'open'])
    const { admission: other } = create({ maxIncomingPendingConnections: 2 })
    const [first, second] = [connectionFrom('/ip4/1.0.0.1/tcp/1'), connectionFrom('/ip4/1.0.0.1/tcp/2')]
    expect([other.accept(first), other.accept(second)]).toEqual([true, true])
    expect(other.accept(connectionFrom('/ip4/1.0.0.2/tcp/1'))).toBe(true)
    expect([first.status, second.status]).toEqual(['aborted', 'open'])
    expect(other.refused.evicted).toBe(1)
  })

  it('are refused with an error that names limit, value and option', () => {
    const { admission } = create({ deny: ['10.0.0.0/8'], maxConnectionsPerAddress: 1 })
    const denied = connectionFrom('/ip4/10.1.2.3/tcp/1')
    expect(admission.accept(denied)).toBe(false)
    expect(admission.refusalOf(denied)).toMatchObject({
      name: 'ConnectionDeniedError',
      code: 'ERR_CONNECTION_DENIED',
      reason: 'denied',
      option: 'connectionManager.deny'
    })
    expect(admission.accept(connectionFrom('/ip4/1.2.3.4/tcp/1'))).toBe(true)
    const more = connectionFrom('/ip4/1.2.3.4/tcp/1')
    expect(admission.accept(more)).toBe(false)
    expect(admission.refusalOf(more)).toMatchObject({
      message: 'too many connections of one address (limit 1, option connectionManager.maxConnectionsPerAddress)',
      limit: 1
    })
    expect(admission.refused).toMatchObject({ denied: 1, address: 1 })
  })

  it('of a peer are limited with those that were dialed', () => {
    const { admission } = create({ maxConnectionsPerPeer: 2 })
    const connections = ['1.0.0.1', '1.0.0.2'].map(ip => connectionFrom(`/ip4/${ip}/tcp/1`))
    for (const connection of connections) admission.accept(connection)
    admission.identify(connections[0]!, 'peer', () => 1)
    expect(() => admission.identify(connections[1]!, 'peer', () => 1)).toThrow(
      expect.objectContaining({ name: 'ConnectionDeniedError', reason: 'peer', limit: 2 })
    )
    // It came another way: nobody has asked whether it may.
    admission.identify(connectionFrom('/ip4/1.0.0.3/tcp/1'), 'peer', () => 9)
  })

  it('of loopback, of this process and over relays have only the limits of all', () => {
    const { admission } = create()
    for (let i = 0; i < 20; i++) {
      expect(admission.admit('127.0.0.1')).toBeDefined()
      expect(admission.admit('::1')).toBeDefined()
      expect(admission.admit(undefined)).toBeDefined()
      const relayed = `/ip4/1.2.3.4/tcp/1/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC/p2p-circuit`
      expect(admission.accept(connectionFrom(relayed))).toBe(true)
    }
    const { admission: strict } = create({ exempt: [] })
    expect([1, 2, 3, 4].map(() => strict.admit('127.0.0.1') !== undefined)).toEqual([true, true, true, false])
  })

  it('are one address in all its spellings', () => {
    const { admission } = create({ maxIncomingPendingPerAddress: 1 })
    expect(admission.admit('1.2.3.4')).toBeDefined()
    expect(admission.admit('::ffff:1.2.3.4')).toBeUndefined()
    expect(admission.admit('fe80::1%eth0')).toBeDefined()
    expect(admission.admit('fe80::2')).toBeUndefined()
  })

  it('may be settled without being named, the first first', () => {
    const { admission } = create()
    for (const ip of ['1.0.0.1', '1.0.0.2']) admission.accept(connectionFrom(`/ip4/${ip}/tcp/1`))
    admission.settle()
    expect(admission.pending).toBe(1)
    admission.settle()
    admission.settle()
    expect(admission.pending).toBe(0)
  })
})

describe('limits', () => {
  it('have the documented defaults', () => {
    const browser = typeof document !== 'undefined'
    expect(admissionLimits({})).toEqual({
      maxConnections: browser ? 128 : 1024,
      maxInbound: browser ? 96 : 768,
      maxPending: 256,
      maxPendingPerAddress: 3,
      maxPerAddress: 8,
      maxPerNetwork: 64,
      maxPerPeer: 4,
      rate: 1,
      burst: 16,
      minHandshakeRate: 64
    })
  })

  it('are not undercut by one another where an option of js-libp2p is given', () => {
    expect(admissionLimits({ maxConnections: 300 })).toMatchObject({
      maxConnections: 300,
      maxInbound: 300,
      maxPerAddress: 300,
      maxPerNetwork: 300,
      maxPerPeer: 300
    })
    expect(admissionLimits({ maxConnections: 300, maxConnectionsPerPeer: 2 }).maxPerPeer).toBe(2)
    expect(admissionLimits({ maxIncomingPendingConnections: 10 }).maxPendingPerAddress).toBe(10)
    expect(admissionLimits({ inboundConnectionThreshold: 5 })).toMatchObject({ rate: 5, burst: 5 })
  })

  it('are those of the accounts where resourceLimits has set them, now or later', () => {
    const maxConnections = 1024
    const resources = new ResourceManager({ maxConnections, resourceLimits: { system: { connectionsInbound: 2 } } })
    const admission = new ConnectionAdmission(fakeLogger(), { maxConnections }, noCounts, resources)
    const come = (ip: string): boolean => admission.accept(connectionFrom(`/ip4/${ip}/tcp/1`))
    const open = (direction: 'inbound' | 'outbound', count: number): void => {
      for (let i = 0; i < count; i++) resources.openConnection(direction).setPeer(`${direction}-${i}`)
    }
    expect([come('1.0.0.1'), come('1.0.0.2')]).toEqual([true, true])
    const third = connectionFrom('/ip4/1.0.0.3/tcp/1')
    admission.settle()
    admission.settle()
    expect(admission.accept(third)).toBe(false)
    expect(admission.refusalOf(third)).toMatchObject({ limit: 2, option: 'resourceLimits.system.connectionsInbound' })
    expect(resources.refusals()).toEqual([{ scope: 'system', resource: 'connectionsInbound', count: 1 }])
    resources.setLimit('system', 'connectionsInbound', 3000)
    open('inbound', 898)
    expect(come('1.0.0.4')).toBe(true)
    open('outbound', 124)
    const one = connectionFrom('/ip4/1.0.0.5/tcp/1')
    expect(admission.accept(one)).toBe(false)
    expect(admission.refusalOf(one)).toMatchObject({ limit: 1024, option: 'connectionManager.maxConnections' })
    resources.setLimit('system', 'connections', 3000)
    expect(come('1.0.0.6')).toBe(true)
    resources.setLimit('transient', 'pendingInbound', 1)
    const two = connectionFrom('/ip4/1.0.0.7/tcp/1')
    expect(admission.accept(two)).toBe(false)
    expect(admission.refusalOf(two)).toMatchObject({ limit: 1, option: 'resourceLimits.transient.pendingInbound' })
  })

  it('have an account from the moment at which they are let in, until they are over', () => {
    const resources = new ResourceManager({ resourceLimits: { system: { fileDescriptors: 3 } } })
    const init = { maxIncomingPendingConnections: 2, exempt: [] }
    const admission = new ConnectionAdmission(fakeLogger(), init, noCounts, resources)
    const held = (): number[] =>
      (['connectionsInbound', 'pendingInbound', 'fileDescriptors'] as const).map(of => resources.system.used(of))
    const ticket = admission.admit('1.0.0.1')!
    expect(held()).toEqual([1, 1, 1])
    const connection = connectionFrom('/ip4/1.0.0.1/tcp/1')
    ticket.carry(connection)
    expect(connectionScopeOf(connection)?.direction).toBe('inbound')
    admission.admit('1.0.0.1')
    // The oldest gives way, and its account is closed before the next is opened.
    expect(admission.accept(connectionFrom('/ip4/1.0.0.2/tcp/1'))).toBe(true)
    expect([connection.status, held()]).toEqual(['aborted', [2, 2, 2]])
    // Dials and sockets of others.
    resources.system.reserve('fileDescriptors')
    admission.settle()
    const last = connectionFrom('/ip4/1.0.0.3/tcp/1')
    expect(admission.accept(last)).toBe(false)
    expect(admission.refusalOf(last)).toMatchObject({ name: 'ResourceLimitError', resource: 'fileDescriptors' })
    expect([admission.pending, held()]).toEqual([1, [2, 2, 3]])
  })

  it('counts no dial that is under way against those that come', () => {
    const resources = new ResourceManager({ maxConnections: 2 })
    const admission = new ConnectionAdmission(fakeLogger(), { maxConnections: 2 }, noCounts, resources)
    for (let i = 0; i < 5; i++) resources.openConnection('outbound')
    const come = (): boolean => admission.accept(connectionFrom('/ip4/1.0.0.1/tcp/1'))
    expect([come(), come()]).toEqual([true, true])
    admission.settle()
    admission.settle()
    expect(come()).toBe(false)
  })

  it('let the rate that is given hold for loopback, unless it is exempt by name', () => {
    const { admission } = create({ inboundConnectionThreshold: 2 })
    expect([1, 2, 3].map(() => admission.admit('127.0.0.1') !== undefined)).toEqual([true, true, false])
    const { admission: exempt } = create({ inboundConnectionThreshold: 2, exempt: ['127.0.0.0/8'] })
    expect([1, 2, 3].map(() => exempt.admit('127.0.0.1') !== undefined)).toEqual([true, true, true])
  })

  it.each([
    ['maxInboundConnections', { maxInboundConnections: -1 }],
    ['maxConnectionsPerPeer', { maxConnectionsPerPeer: 0 }],
    ['inboundUpgradeMinRate', { inboundUpgradeMinRate: -1 }],
    ['inboundConnectionBurst', { inboundConnectionBurst: Number.NaN }],
    ['exempt[1]', { exempt: ['127.0.0.0/8', 'home'] }]
  ])('name %s where it is wrong', (name, init) => {
    expect(() => create(init)).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError', option: `connectionManager.${name}` })
    )
  })
})
