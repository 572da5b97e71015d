import { parseIp } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { Admission, isTicket, type Ticket, undisturbed } from './admission.ts'
import { type AdmissionLimits, type Refusal, refusalReasons } from './limits.ts'
import { keysOf, type Source } from './source.ts'

const limits: AdmissionLimits = {
  maxConnections: 1024,
  maxInbound: 768,
  maxPending: 256,
  maxPendingPerAddress: 3,
  maxPerAddress: 8,
  maxPerNetwork: 64,
  maxPerPeer: 4,
  rate: 1,
  burst: 16,
  minHandshakeRate: 64
}

function from(ip: string, flags: Partial<Source> = {}): Source {
  return { ...keysOf(parseIp(ip)!), rated: true, capped: true, cappedByPeer: true, allowed: false, ...flags }
}

/** An admission whose clock the test moves, with all that it let in and evicted. */
function world(given: Partial<AdmissionLimits> = {}) {
  const evicted: Ticket[] = []
  const admission = new Admission({ ...limits, ...given })
  const w = {
    admission,
    evicted,
    now: 0,
    connections: 0,
    inbound: 0,
    come(source: Source): Ticket | Refusal {
      const answer = admission.admit(source, w.connections, w.inbound, w.now)
      if (isTicket(answer)) answer.onEvicted = () => evicted.push(answer)
      return answer
    },
    /** As `come`, where it must be let in. */
    letIn(source: Source): Ticket {
      const answer = w.come(source)
      if (!isTicket(answer)) throw new Error(`refused: ${answer.reason}`)
      return answer
    },
    /** Its handshake is done at once. */
    open(source: Source): Ticket {
      const ticket = w.letIn(source)
      admission.settle(ticket)
      w.connections++
      w.inbound++
      return ticket
    }
  }
  return w
}

describe('admission', () => {
  it('names limit, value and option, and counts by reason', () => {
    const { admission, come, letIn } = world()
    for (let i = 0; i < 3; i++) letIn(from('1.2.3.4'))
    expect(come(from('1.2.3.4'))).toMatchObject({
      reason: 'pending-address',
      limit: 3,
      option: 'connectionManager.maxIncomingPendingPerAddress'
    })
    expect(admission.deny()).toMatchObject({ reason: 'denied', option: 'connectionManager.deny' })
    expect(admission.refused).toMatchObject({ 'pending-address': 1, denied: 1, rate: 0 })
    expect(Object.keys(admission.refused)).toEqual([...refusalReasons])
  })

  it('makes no object for a refusal', () => {
    const { come } = world({ maxPendingPerAddress: 0 })
    come(from('1.2.3.4'))
    const { come: again } = world({ maxConnections: 0 })
    expect(again(from('1.2.3.4'))).toBe(again(from('1.2.3.5')))
  })

  it('holds an IPv6 /56 to the limits of an address, and a /48 to its own', () => {
    const w = world()
    for (let i = 0; i < 8; i++) w.open(from(`2001:db8:1:0:${i}::1`))
    expect(w.come(from('2001:db8:1:ff::1'))).toMatchObject({ reason: 'address', limit: 8 })
    for (let i = 1; i < 8; i++) for (let j = 0; j < 8; j++) w.open(from(`2001:db8:1:${i}0${j}::1`))
    expect(w.come(from('2001:db8:1:f00::1'))).toMatchObject({ reason: 'network', limit: 64 })
    w.open(from('2001:db8:2::1'))
  })

  it('takes a burst, then the rate', () => {
    const w = world({ maxPendingPerAddress: 100, maxPerAddress: 100 })
    for (let i = 0; i < 16; i++) w.letIn(from('1.2.3.4'))
    expect(w.come(from('1.2.3.4'))).toMatchObject({ reason: 'rate', limit: 1 })
    w.letIn(from('1.2.3.5'))
    w.now = 999
    expect(w.come(from('1.2.3.4'))).toMatchObject({ reason: 'rate' })
    w.now = 1000
    w.letIn(from('1.2.3.4'))
    expect(w.come(from('1.2.3.4'))).toMatchObject({ reason: 'rate' })
  })

  it('refuses at the limits of all connections, of inbound ones, and of handshakes', () => {
    const w = world()
    w.connections = 1024
    expect(w.come(from('1.2.3.4'))).toMatchObject({ reason: 'connections', limit: 1024 })
    w.connections = 800
    w.inbound = 768
    expect(w.come(from('1.2.3.4'))).toMatchObject({ reason: 'inbound', limit: 768 })
    const none = world({ maxPending: 0 })
    expect(none.come(from('1.2.3.4'))).toMatchObject({ reason: 'pending', limit: 0 })
  })

  it('lets in who is allowed whatever the limits, and takes nobody else’s place for it', () => {
    const w = world({ maxConnections: 0 })
    const ticket = w.letIn(from('1.2.3.4', { allowed: true }))
    expect(w.admission.pending).toBe(1)
    expect(w.admission.held).toEqual({ addresses: 0, networks: 0, peers: 0, rates: 0 })
    w.admission.settle(ticket)
    expect(w.admission.pending).toBe(0)
  })

  it('does not hold an exempt source to limits of one address, but to those of all', () => {
    const w = world({ maxPending: 20 })
    for (let i = 0; i < 20; i++) w.letIn(from('127.0.0.1', { rated: false, capped: false }))
    expect(w.come(from('127.0.0.1', { rated: false, capped: false }))).toMatchObject({ reason: 'pending' })
  })

  it('counts connections of a peer with those that were dialed', () => {
    const w = world()
    const tickets = [w.open(from('1.2.3.4')), w.open(from('1.2.3.5')), w.open(from('1.2.3.6'))]
    expect(tickets.map(ticket => w.admission.identify(ticket, 'peer', () => 2)?.reason)).toEqual([
      undefined,
      undefined,
      'peer'
    ])
    w.admission.release(tickets[0]!)
    expect(w.admission.identify(tickets[2]!, 'peer', () => 2)).toBeUndefined()
    const exempt = w.open(from('127.0.0.1', { cappedByPeer: false }))
    expect(w.admission.identify(exempt, 'peer', () => expect.fail('nobody needs to count'))).toBeUndefined()
  })

  it('forgets what is released, once', () => {
    const w = world()
    const ticket = w.letIn(from('2001:db8::1'))
    w.admission.identify(ticket, 'peer', () => 0)
    for (let i = 0; i < 2; i++) w.admission.release(ticket)
    w.admission.settle(ticket)
    expect(w.admission.pending).toBe(0)
    expect(w.admission.held).toEqual({ addresses: 0, networks: 0, peers: 0, rates: 1 })
    expect(w.admission.identify(ticket, 'peer', () => 0)).toBeUndefined()
  })

  it('takes other limits while it runs', () => {
    const w = world()
    w.admission.configure({ ...limits, maxConnections: 1 })
    w.connections = 1
    expect(w.come(from('1.2.3.4'))).toMatchObject({ reason: 'connections', limit: 1 })
  })
})

describe('room for a handshake', () => {
  it('comes from the oldest of the busiest address', () => {
    const w = world({ maxPending: 6 })
    const a = [w.letIn(from('1.0.0.1')), w.letIn(from('1.0.0.1'))]
    const b = [w.letIn(from('1.0.0.2')), w.letIn(from('1.0.0.2')), w.letIn(from('1.0.0.2'))]
    w.letIn(from('1.0.0.3'))
    w.letIn(from('1.0.0.4'))
    expect(w.evicted).toEqual([b[0]])
    w.letIn(from('1.0.0.5'))
    // Both have two: the one that had them first.
    expect(w.evicted).toEqual([b[0], a[0]])
    expect(w.evicted.map(({ state }) => state)).toEqual(['released', 'released'])
    expect([w.admission.pending, w.admission.refused.evicted]).toEqual([6, 2])
  })

  it('is not made for an address that is as busy, until the other had its time', () => {
    const w = world({ maxPending: 2 })
    const first = w.letIn(from('1.0.0.1'))
    w.now = 10
    w.letIn(from('1.0.0.2'))
    expect(w.come(from('1.0.0.3'))).toMatchObject({ reason: 'pending', limit: 2 })
    w.now = undisturbed
    w.letIn(from('1.0.0.3'))
    expect(w.evicted).toEqual([first])
  })

  it('is made also where handshakes hold the last places of all connections', () => {
    const w = world({ maxInbound: 4 })
    w.inbound = 2
    const silent = [w.letIn(from('1.0.0.1')), w.letIn(from('1.0.0.1'))]
    w.letIn(from('1.0.0.2'))
    expect(w.evicted).toEqual([silent[0]])
    w.inbound = 4
    expect(w.come(from('1.0.0.3'))).toMatchObject({ reason: 'inbound' })
  })

  it('is not found by a search: 100,000 connections of 500 addresses are decided in a moment', () => {
    const w = world({ rate: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY })
    for (let i = 0; i < 100_000; i++) {
      w.now = i / 10
      w.come(from(`1.0.${i % 2}.${i % 250}`))
    }
    expect(w.admission.pending).toBe(256)
    expect(w.admission.refused.evicted).toBeGreaterThan(100)
  })

  it('leaves an honest address its place while others hold several', () => {
    const w = world({ rate: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY })
    const honest = w.letIn(from('9.9.9.9'))
    for (let i = 0; i < 15_000; i++) {
      w.now = i
      w.come(from(`1.0.0.${i % 200}`))
    }
    expect(honest.state).toBe('pending')
    expect(w.evicted.length).toBeGreaterThan(0)
  })
})
