import type * as Contract from '@libp2p/interface'
import { ended, messageStreamPair } from '@weft/interface-connection/compliance'
import { describe, expect, it } from 'vitest'
import { PassThroughUpgrader, testComponents } from './compliance/index.ts'
import { FaultTolerance, InboundConnections, isTransport, transport, transportSymbol } from './index.ts'

describe('transport', () => {
  const made = transport('@weft/test', {
    dial: () => Promise.reject(new Error('not here')),
    createListener() {
      throw new Error('not here')
    },
    listenFilter: () => [],
    dialFilter: addresses => addresses
  })

  it('is marked by the contract’s symbols', () => {
    const contract: Contract.Transport = made
    expect(contract[transportSymbol]).toBe(true)
    expect(Object.prototype.toString.call(made)).toBe('[object @weft/test]')
    expect(Reflect.get(made, Symbol.for('@libp2p/service-capabilities'))).toEqual(['@libp2p/transport'])
  })

  it('is told from other values', () => {
    expect(isTransport(made)).toBe(true)
    expect(isTransport(Object.create(made))).toBe(true)
    for (const value of [undefined, null, 1, 'transport', {}, { [transportSymbol]: false }, () => {}]) {
      expect(isTransport(value)).toBe(false)
    }
  })
})

describe('FaultTolerance', () => {
  it('has the contract’s numbers and types', () => {
    const values: Contract.FaultTolerance[] = [FaultTolerance.FATAL_ALL, FaultTolerance.NO_FATAL]
    const named: FaultTolerance = FaultTolerance.NO_FATAL
    expect(values).toEqual([0, 1])
    expect(named).toBe(1)
  })
})

describe('InboundConnections', () => {
  const log = testComponents().logger.forComponent('test')

  it('counts what is open, and says what failed and closed', async () => {
    const upgrader = new PassThroughUpgrader()
    const failures: Error[] = []
    let closed = 0
    const inbound = new InboundConnections({
      upgrader,
      log,
      onFailure: error => failures.push(error),
      onClose: () => closed++
    })
    const [, used] = messageStreamPair()
    inbound.accept(used)
    expect(await upgrader.nextInbound()).toBe(used)
    const [, refused] = messageStreamPair()
    const over = ended(refused)
    upgrader.upgradeInbound = () => {
      // What is thrown need not be an error, nor come by a promise.
      throw 'no' // oxlint-disable-line no-throw-literal, typescript/only-throw-error -- what a foreign upgrader may do
    }
    inbound.accept(refused)
    expect(inbound.size).toBe(1)
    expect((await over).error).toMatchObject({ message: 'no' })
    expect([inbound.size, closed, failures.map(({ message }) => message)]).toEqual([1, 1, ['no']])
  })

  it('breaks off all, upgrades first, and goes on', async () => {
    const upgrader = new PassThroughUpgrader()
    const signals: AbortSignal[] = []
    upgrader.upgradeInbound = (_connection, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }
    const inbound = new InboundConnections({ upgrader, log })
    const reason = new Error('closing')
    const pairs = [messageStreamPair(), messageStreamPair()]
    for (const [, connection] of pairs) inbound.accept(connection)
    inbound.abort(reason)
    expect(signals.map(signal => signal.reason)).toEqual([reason, reason])
    expect(pairs.map(([, { status }]) => status)).toEqual(['aborted', 'aborted'])
    expect(inbound.size).toBe(0)
    inbound.accept(messageStreamPair()[1])
    expect([inbound.size, signals[2]!.aborted]).toEqual([1, false])
  })
})
