import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerTimeout, maxLineLength, requestTimeout } from './limits.ts'
import { LineReader } from './line-reader.ts'
import { encodeLine, errorReply, parseReply, parseRequest, type Request } from './protocol.ts'
import { type Action, ControlSession } from './session.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (line: Uint8Array): string => new TextDecoder().decode(line)
const request = (value: unknown): Uint8Array => bytes(`${JSON.stringify(value)}\n`)

/** The names of the actions, and what is sent as it is parsed. */
function taken(session: ControlSession): unknown[] {
  return session.takeActions().map((action: Action) => {
    if (action.type === 'send') return parseReply(action.bytes.subarray(0, -1))
    return action.type === 'answer' ? action.request : action.type
  })
}

const refusal = (code: string): unknown => ({ error: expect.objectContaining({ code }) })

describe('requests of the control socket', () => {
  const requests: Request[] = [
    { command: 'dials' },
    { command: 'connections' },
    { command: 'peers' },
    { command: 'limits' },
    { command: 'connect', targets: ['/ip4/127.0.0.1/tcp/1'], trace: true },
    { command: 'disconnect', peer: 'x' },
    { command: 'clear-backoff', targets: [] },
    { command: 'clear-backoff', targets: ['x'] },
    { command: 'dht', operation: 'findpeer', key: 'x' },
    { command: 'dht', operation: 'put', key: 'x', value: 'AA==' },
    { command: 'name', operation: 'publish', text: '/ipfs/x' }
  ]

  it.each(requests)('reads what it wrote: $command', value => {
    expect(parseRequest(encodeLine(value))).toEqual(value)
  })

  it.each<[string, string, string?]>([
    ['', 'ERR_NOT_JSON'],
    ['{', 'ERR_NOT_JSON'],
    ['{"command":"é"}', 'ERR_UNKNOWN_COMMAND'],
    ['[]', 'ERR_BAD_REQUEST'],
    ['null', 'ERR_BAD_REQUEST'],
    ['{}', 'ERR_UNKNOWN_COMMAND'],
    ['{"command":"constructor"}', 'ERR_UNKNOWN_COMMAND'],
    ['{"command":["dials"]}', 'ERR_UNKNOWN_COMMAND'],
    ['{"command":"disconnect"}', 'ERR_BAD_REQUEST'],
    ['{"command":"disconnect","peer":1}', 'ERR_BAD_REQUEST'],
    ['{"command":"clear-backoff","targets":[1]}', 'ERR_BAD_REQUEST'],
    ['{"command":"connect","targets":"/ip4"}', 'ERR_BAD_REQUEST'],
    ['{"command":"connect","targets":[]}', 'ERR_BAD_REQUEST'],
    ['{"command":"dht","operation":"constructor","key":"x"}', 'ERR_BAD_REQUEST'],
    ['{"command":"dht","operation":"get"}', 'ERR_BAD_REQUEST'],
    ['{"command":"dht","operation":"put","key":"x","value":1}', 'ERR_BAD_REQUEST'],
    ['{"command":"name","operation":"resolve"}', 'ERR_BAD_REQUEST'],
    ['{"command":"connect","targets":[1]}', 'ERR_BAD_REQUEST'],
    ['{"command":"connect","targets":["x"],"trace":1}', 'ERR_BAD_REQUEST'],
    ['101 targets', 'ERR_BAD_REQUEST', JSON.stringify({ command: 'connect', targets: new Array(101).fill('x') })]
  ])('refuses %s: %s', (wrong, code, instead) => {
    expect(() => parseRequest(bytes(instead ?? wrong))).toThrow(
      expect.objectContaining({ name: 'ControlProtocolError', code })
    )
  })

  it('refuses what is no UTF-8', () => {
    expect(() => parseRequest(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(
      expect.objectContaining({ code: 'ERR_NOT_JSON' })
    )
  })

  it('writes no longer line than it reads', () => {
    const item = (length: number): { item: object } => ({ item: { text: 'x'.repeat(length) } })
    const most = maxLineLength - '{"item":{"text":""}}'.length
    expect(encodeLine(item(most)).byteLength).toBe(maxLineLength + 1)
    expect(() => encodeLine(item(most + 1))).toThrow(expect.objectContaining({ code: 'ERR_LINE_TOO_LONG' }))
    // An error always fits, whatever it says.
    const wild = Object.assign(new Error('\0'.repeat(1e6)), { name: '\0'.repeat(1e6), code: '\0'.repeat(1e6) })
    expect(encodeLine(errorReply(wild)).byteLength).toBeLessThanOrEqual(maxLineLength)
    expect(errorReply('text')).toEqual({ error: { name: 'Error', code: 'ERR_UNKNOWN', message: 'text' } })
    expect(errorReply(undefined)).toEqual({ error: { name: 'Error', code: 'ERR_UNKNOWN', message: 'undefined' } })
  })
})

describe('lines of the control socket', () => {
  it('are the same however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), fc.array(fc.nat({ max: 9 })), (lines, rest, cuts) => {
        const whole = lines.map(line => line.replaceAll('\n', ' '))
        const left = rest.replaceAll('\n', ' ')
        const all = bytes([...whole, left].join('\n'))
        const reader = new LineReader()
        const found: string[] = []
        const drain = (): void => {
          for (let line = reader.next(); line !== undefined; line = reader.next()) found.push(text(line))
        }
        let at = 0
        for (const cut of cuts) {
          reader.push(all.subarray(at, at + cut))
          at += cut
          drain()
        }
        reader.push(all.subarray(at))
        drain()
        expect(found).toEqual(whole)
        expect(reader.length).toBe(bytes(left).byteLength)
      })
    )
  })

  it('end where they are too long, and not before', () => {
    const reader = new LineReader()
    reader.push(new Uint8Array(maxLineLength))
    expect(reader.next()).toBeUndefined()
    reader.push(bytes('\n'))
    expect(reader.next()?.byteLength).toBe(maxLineLength)
    reader.push(new Uint8Array(maxLineLength))
    expect(reader.next()).toBeUndefined()
    reader.push(bytes('x'))
    expect(() => reader.next()).toThrow(expect.objectContaining({ code: 'ERR_LINE_TOO_LONG' }))
  })
})

describe('a client of the control socket', () => {
  it('is answered one request after the other', () => {
    const session = new ControlSession(0)
    session.receive(bytes('{"command":"di'), 1)
    expect(taken(session)).toEqual([])
    session.receive(bytes('als"}\n{"command":"peers"}\n'), 2)
    expect(taken(session)).toEqual([{ command: 'dials' }])
    session.reply({ item: { id: 1 } }, 3)
    session.reply({ end: {} }, 4)
    expect(taken(session)).toEqual([{ item: { id: 1 } }, { end: {} }, { command: 'peers' }])
    session.reply(errorReply(new Error('no')), 5)
    expect(taken(session)).toEqual([refusal('ERR_UNKNOWN')])
    session.reply({ end: {} }, 6)
    expect(taken(session)).toEqual([])
  })

  it('is told what is wrong, and closed', () => {
    const session = new ControlSession(0)
    session.receive(bytes('\n\n\n\n'), 0)
    expect(taken(session)).toEqual([refusal('ERR_NOT_JSON'), 'close'])
    session.receive(request({ command: 'dials' }), 1)
    session.tick(1e9)
    session.left()
    expect([taken(session), session.wakeAt]).toEqual([[], undefined])
  })

  it('is closed when it sends too much while its answer is on the way', () => {
    const session = new ControlSession(0)
    session.receive(request({ command: 'dials' }), 0)
    session.receive(new Uint8Array(maxLineLength), 0)
    expect(taken(session)).toEqual([{ command: 'dials' }])
    session.receive(new Uint8Array(1), 0)
    expect(taken(session)).toEqual([refusal('ERR_LINE_TOO_LONG'), 'cancel', 'close'])
  })

  it('is closed when it asks nothing, and when its answer takes too long', () => {
    const silent = new ControlSession(5)
    expect(silent.wakeAt).toBe(5 + requestTimeout)
    silent.receive(bytes('{'), 100)
    silent.tick(silent.wakeAt! - 1)
    expect(taken(silent)).toEqual([])
    silent.tick(silent.wakeAt!)
    expect(taken(silent)).toEqual([refusal('ERR_TIMEOUT'), 'close'])

    const slow = new ControlSession(0)
    slow.receive(request({ command: 'dials' }), 7)
    expect(slow.wakeAt).toBe(7 + answerTimeout)
    slow.tick(7 + answerTimeout)
    expect(taken(slow)).toEqual([{ command: 'dials' }, refusal('ERR_TIMEOUT'), 'cancel', 'close'])
  })

  it('that leaves has its answer cancelled', () => {
    const session = new ControlSession(0)
    session.receive(request({ command: 'dials' }), 0)
    session.left()
    expect(taken(session)).toEqual([{ command: 'dials' }, 'cancel', 'close'])
  })

  it('gets an error in place of a line that is too long', () => {
    const session = new ControlSession(0)
    session.receive(request({ command: 'dials' }), 0)
    session.reply({ item: { text: 'x'.repeat(maxLineLength) } }, 0)
    expect(taken(session)).toEqual([{ command: 'dials' }, refusal('ERR_LINE_TOO_LONG'), 'cancel', 'close'])
  })
})
