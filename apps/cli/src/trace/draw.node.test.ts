import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineText } from '../terminal/spans.ts'
import { type DialDrawing, drawDial } from './draw.ts'
import { errorView, type TraceStep, traceStep } from './step.ts'

const peer = '12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v'
const [quic, ip6, ip4, relay, name, silent] = [
  `/ip4/192.0.2.7/udp/4001/quic-v1/p2p/${peer}`,
  `/ip6/2001:db8::7/tcp/4001/p2p/${peer}`,
  `/ip4/192.0.2.7/tcp/4001/p2p/${peer}`,
  `/ip4/198.51.100.1/tcp/4001/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X/p2p-circuit/p2p/${peer}`,
  `/dnsaddr/peer.example/p2p/${peer}`,
  `/ip4/203.0.113.9/tcp/4001/p2p/${peer}`
] as const

/** A name leads to four addresses: one is filtered, one refuses, one is silent, one connects, and a relay has no turn. */
const steps: TraceStep[] = [
  { kind: 'source', at: 0, source: 'caller', open: true },
  { kind: 'added', at: 1, address: name, source: 'caller' },
  { kind: 'stage', at: 1, address: name, stage: 'resolve' },
  { kind: 'resolved', at: 40, address: name, elapsed: 39, count: 5 },
  { kind: 'added', at: 41, address: quic, source: name },
  { kind: 'filtered', at: 41, address: quic, reason: 'no transport can dial it' },
  { kind: 'added', at: 41, address: ip6, source: name },
  { kind: 'added', at: 41, address: silent, source: name },
  { kind: 'added', at: 41, address: ip4, source: name },
  { kind: 'added', at: 41, address: relay, source: name },
  { kind: 'started', at: 42, address: ip6 },
  {
    kind: 'failed',
    at: 60,
    address: ip6,
    stage: 'connect',
    elapsed: 18,
    error: { name: 'ConnectionFailedError', message: `the connection to ${ip6} failed: ENETUNREACH` }
  },
  { kind: 'started', at: 60, address: silent },
  { kind: 'waiting', at: 61, address: ip4, for: 'peer-token', tokenClass: 'fd' },
  { kind: 'started', at: 310, address: ip4 },
  { kind: 'stage', at: 335, address: ip4, stage: 'negotiate' },
  { kind: 'stage', at: 361, address: ip4, stage: 'secure' },
  { kind: 'stage', at: 410, address: ip4, stage: 'mux' },
  { kind: 'stage', at: 430, address: ip4, stage: 'identify' },
  { kind: 'connected', at: 430, address: ip4, elapsed: 120 },
  {
    kind: 'cancelled',
    at: 430,
    address: silent,
    stage: 'connect',
    elapsed: 370,
    reason: 'another address connected first'
  },
  {
    kind: 'cancelled',
    at: 430,
    address: relay,
    stage: 'wait',
    elapsed: 389,
    reason: 'another address connected first'
  },
  { kind: 'source', at: 431, source: 'caller', open: false }
]
const connected: DialDrawing = {
  target: peer,
  steps,
  elapsed: 500,
  outcome: { kind: 'connected', identified: 70 }
}

const drawn = (dial: DialDrawing, width: number): string[] => drawDial(dial, width).map(line => lineText(line, false))

describe('the drawing of a dial', () => {
  it('at 120 columns', () => {
    expect(drawn(connected, 120)).toEqual([
      '12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v: 5 addresses, connected after 430 ms',
      'source   address                                                    0                   500 ms  outcome',
      'caller   /dnsaddr/peer.example                                      rr=                         led to 5, 39 ms',
      'dnsaddr  /ip4/192.0.2.7/udp/4001/quic-v1                              !                         left out',
      '         no transport can dial it',
      'dnsaddr  /ip6/2001:db8::7/tcp/4001                                    cx                        failed at connect, 18 ms',
      '         the connection to it failed: ENETUNREACH',
      'dnsaddr  /ip4/203.0.113.9/tcp/4001                                    .ccccccccccccccccccc-     given up, 370 ms',
      '         another address connected first',
      'dnsaddr  /ip4/192.0.2.7/tcp/4001                                      ..............cnnssm*iii  connected, 120 ms',
      'dnsaddr  /ip4/198.51.100.1/tcp/4001/p…3sBYbU1Nft9HyQ6X/p2p-circuit    ....................-     not tried, 389 ms',
      '         another address connected first',
      '. wait  r resolve  c connect  n negotiate  s secure  m mux  i identify  * connected  = resolved  x failed  - given up',
      '! left out'
    ])
  })

  it('at 80 columns', () => {
    expect(drawn(connected, 80)).toEqual([
      '12D3KooWQF6Q3i1QkziJQ…GPQz6R6oEvT75wgsVXm4v: 5 addresses, connected after 430 ms',
      'source   address                      0         500 ms  outcome',
      'caller   /dnsaddr/peer.example        r=                led to 5, 39 ms',
      'dnsaddr  /ip4/192.0.2.…/4001/quic-v1   !                left out',
      '         no transport can dial it',
      'dnsaddr  /ip6/2001:db8::7/tcp/4001     x                failed at connect, 18 ms',
      '         the connection to it failed: ENETUNREACH',
      'dnsaddr  /ip4/203.0.113.9/tcp/4001     .ccccccccccc-    given up, 370 ms',
      '         another address connected first',
      'dnsaddr  /ip4/192.0.2.7/tcp/4001       .........cns*ii  connected, 120 ms',
      'dnsaddr  /ip4/198.51.1…X/p2p-circuit   ............-    not tried, 389 ms',
      '         another address connected first',
      '. wait  r resolve  c connect  n negotiate  s secure  i identify  * connected',
      '= resolved  x failed  - given up  ! left out'
    ])
  })

  it('while it runs', () => {
    const running: DialDrawing = { target: peer, steps: steps.slice(0, 15), elapsed: 320, outcome: { kind: 'running' } }
    const backoff: TraceStep = {
      kind: 'waiting',
      at: 41,
      address: relay,
      for: 'backoff',
      tokenClass: 'relay',
      until: 5000
    }
    const other = { ...running, steps: [...running.steps, backoff] }
    expect(drawn(other, 80)).toEqual([
      '12D3KooWQF6Q3i1QkziJQ9m…D8GPQz6R6oEvT75wgsVXm4v: 5 addresses, dialing for 320 ms',
      'source   address                      0         320 ms  outcome',
      'caller   /dnsaddr/peer.example        rr=               led to 5, 39 ms',
      'dnsaddr  /ip4/192.0.2.…/4001/quic-v1    !               left out',
      '         no transport can dial it',
      'dnsaddr  /ip6/2001:db8::7/tcp/4001      cx              failed at connect, 18 ms',
      '         the connection to it failed: ENETUNREACH',
      'dnsaddr  /ip4/203.0.113.9/tcp/4001      .ccccccccccccc  at connect',
      'dnsaddr  /ip4/192.0.2.7/tcp/4001        ..............  at connect',
      'dnsaddr  /ip4/198.51.1…X/p2p-circuit    ..............  rests until 5.0 s',
      '. wait  r resolve  c connect  = resolved  x failed  ! left out'
    ])
  })

  it('of a dial that failed, and of none', () => {
    const failed: DialDrawing = { target: 'x', steps: steps.slice(0, 6), elapsed: 41, outcome: { kind: 'failed' } }
    expect(drawn(failed, 80)).toEqual([
      'x: 1 address, failed after 41 ms',
      'source   address                               0          41 ms  outcome',
      'caller   /dnsaddr/peer.exam…6R6oEvT75wgsVXm4v  rrrrrrrrrrrrrrr=  led to 5, 39 ms',
      'dnsaddr  /ip4/192.0.2.7/udp…6R6oEvT75wgsVXm4v                 !  left out',
      '         no transport can dial it',
      'r resolve  = resolved  ! left out'
    ])
    const none: DialDrawing = { target: peer, steps: [], elapsed: 0, outcome: { kind: 'connected' } }
    expect(drawn(none, 80)).toEqual([`${peer}: was connected already`])
  })

  it('has colours only where they are wanted, and the same text', () => {
    const escape = '\u001b'
    const lines = drawDial(connected, 80)
    const codes = new RegExp(`${escape}\\[(?:0|2|31|32|36)m`, 'g')
    for (const line of lines) {
      expect(lineText(line, true).replace(codes, '')).toBe(lineText(line, false))
      expect(lineText(line, false)).not.toContain(escape)
    }
    expect(lines.map(line => lineText(line, true)).join('')).toMatch(codes)
  })

  it('is never wider than it may be and moves no cursor, whatever it is told', () => {
    const wild = fc.oneof(
      fc.array(fc.nat({ max: 0xffff }), { maxLength: 120 }).map(units => String.fromCharCode(...units)),
      fc
        .array(
          fc.constantFrom('\u001b[2J', '\r\n', '\u009b1m', '\u202e', '界', '👩‍👩‍👧', 'e\u0301', '/ip4/1.2.3.4', ' ')
        )
        .map(p => p.join(''))
    )
    const address = fc.oneof(wild, fc.constantFrom('/a', '/b', `/c/p2p/${peer}`))
    const ms = fc.double({ min: 0, max: 1e9, noNaN: true })
    const stage = fc.constantFrom('resolve', 'wait', 'connect', 'negotiate', 'secure', 'mux', 'identify' as const)
    const step = fc.oneof(
      fc.record({ kind: fc.constant('source'), at: ms, source: wild, open: fc.boolean() }),
      fc.record({ kind: fc.constant('added'), at: ms, address, source: wild }),
      fc.record({ kind: fc.constant('filtered'), at: ms, address, reason: wild }),
      fc.record({
        kind: fc.constant('waiting'),
        at: ms,
        address,
        for: fc.constantFrom('stagger', 'backoff', 'peer-token', 'class-token'),
        tokenClass: fc.constant('fd'),
        until: ms
      }),
      fc.record({ kind: fc.constant('started'), at: ms, address }),
      fc.record({ kind: fc.constant('stage'), at: ms, address, stage }),
      fc.record({ kind: fc.constant('resolved'), at: ms, address, elapsed: ms, count: fc.nat() }),
      fc.record({
        kind: fc.constant('failed'),
        at: ms,
        address,
        stage,
        elapsed: ms,
        error: fc.record({ name: wild, message: wild })
      }),
      fc.record({ kind: fc.constant('cancelled'), at: ms, address, stage, elapsed: ms, reason: wild }),
      fc.record({ kind: fc.constant('connected'), at: ms, address, elapsed: ms })
    ) as fc.Arbitrary<TraceStep>
    const outcome: fc.Arbitrary<DialDrawing['outcome']> = fc.oneof(
      fc.constant({ kind: 'running' as const }),
      fc.record({ kind: fc.constant('connected' as const), identified: fc.option(ms, { nil: undefined }) }),
      fc.constant({ kind: 'failed' as const })
    )
    fc.assert(
      fc.property(
        wild,
        fc.array(step, { maxLength: 12 }),
        ms,
        outcome,
        fc.integer({ min: 1, max: 200 }),
        (target, some, elapsed, how, width) => {
          const dial = { target, steps: some, elapsed, outcome: how }
          const texts = drawn(dial, width)
          const wrong = texts.filter(text => text.length > width || !/^[\x20-\x7e…\u00aa-\u052f]*$/.test(text))
          expect(wrong).toEqual([])
        }
      )
    )
  })
})

describe('the steps of a dial as data', () => {
  it('have errors as fields', () => {
    const error = Object.assign(new Error('x'.repeat(3000)), { name: 'DialError', code: 'ERR_DIAL' })
    const step = traceStep({ kind: 'failed', at: 1, address: '/a', stage: 'secure', elapsed: 1, error })
    expect(step).toEqual({
      ...{ kind: 'failed', at: 1, address: '/a', stage: 'secure', elapsed: 1 },
      error: { name: 'DialError', code: 'ERR_DIAL', message: 'x'.repeat(2000) }
    })
    expect(errorView('text')).toEqual({ name: 'Error', message: 'text' })
    expect(errorView(undefined)).toEqual({ name: 'Error', message: 'undefined' })
  })
})
