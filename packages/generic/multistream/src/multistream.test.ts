import { concat, fromHex, fromUtf8, toHex, toUtf8 } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxCachedLines, maxProposals } from './core/limits.ts'
import { encodeLine, headerAndLine } from './core/lines.ts'
import type { Step } from './core/step.ts'
import { multistreamProtocol, OptimisticSelection, Responder, Selector } from './index.ts'

// 13 = 19 bytes, "/multistream/1.0.0", newline
const header = '132f6d756c746973747265616d2f312e302e300a'
// 0b = 11 bytes, "/noise/1.0", newline
const noise = '0b2f6e6f6973652f312e300a'
// 03 = 3 bytes, "na", newline
const na = '036e610a'

const failure = (code: string): unknown => expect.objectContaining({ name: 'MultistreamError', code })
const lines = (...texts: string[]): Uint8Array<ArrayBuffer> => concat(texts.map(encodeLine))
const hexOf = (step: Step | undefined): string | undefined => step?.reply && toHex(step.reply)

describe('golden lines', () => {
  it('dialer', () => {
    const selector = new Selector(['/yamux/1.0.0', '/noise/1.0'])
    // 0d = 13 bytes, "/yamux/1.0.0", newline
    expect(toHex(selector.opening)).toBe(`${header}0d2f79616d75782f312e302e300a`)
    expect(selector.receive(fromHex(header))).toBeUndefined()
    expect(hexOf(selector.receive(fromHex(na)))).toBe(noise)
    const step = selector.receive(fromHex(`${noise}aabb`))!
    expect(step).toMatchObject({ reply: undefined, protocol: '/noise/1.0' })
    expect(toHex(step.rest!)).toBe('aabb')
  })

  it('listener', () => {
    const responder = new Responder(['/noise/1.0'])
    expect(hexOf(responder.receive(fromHex(header)))).toBe(header)
    expect(hexOf(responder.receive(fromHex('072f746c732f310a')))).toBe(na)
    expect(responder.receive(fromHex(noise.slice(0, 8)))).toBeUndefined()
    const step = responder.receive(fromHex(noise.slice(8)))!
    expect(step).toMatchObject({ protocol: '/noise/1.0', rest: undefined })
    expect(hexOf(step)).toBe(noise)
  })

  it('listener, header and proposal at once', () => {
    const step = new Responder(new Set(['/noise/1.0'])).receive(fromHex(`${header}${noise}01`))!
    expect(hexOf(step)).toBe(header + noise)
    expect(toHex(step.rest!)).toBe('01')
    expect(hexOf(new Responder(['/noise/1.0']).receive(fromHex(`${header}072f746c732f310a${noise}`)))).toBe(
      header + na + noise
    )
  })

  it('listener, a refusal with what cannot be read behind it', () => {
    const step = new Responder(['/noise/1.0']).receive(fromHex(`${header}072f746c732f310a00ff`))!
    expect(hexOf(step)).toBe(header + na)
    expect(step).toMatchObject({ protocol: undefined, error: { code: 'ERR_MULTISTREAM_LENGTH' } })
  })

  it('listener, a proposal of simultaneous connect with that of a channel in one packet', () => {
    // 1d = 29 bytes, "/libp2p/simultaneous-connect", newline; 07 = 7 bytes, "/noise", newline; then the first of the channel
    const simultaneous = '1d2f6c69627032702f73696d756c74616e656f75732d636f6e6e6563740a'
    const channel = '072f6e6f6973650a'
    const step = new Responder(['/noise']).receive(fromHex(`${header}${simultaneous}${channel}0020`))!
    expect(hexOf(step)).toBe(header + na + channel)
    expect([step.protocol, toHex(step.rest!)]).toEqual(['/noise', '0020'])
  })

  it('list, where it is allowed', () => {
    // 17 = 23 bytes: a line for each name, and a newline
    const listing = `17${noise}092f746c732f312e300a0a`
    const responder = new Responder(['/noise/1.0', '/tls/1.0'], { allowLs: true })
    expect(hexOf(responder.receive(lines(multistreamProtocol, 'ls')))).toBe(header + listing)
    // once
    expect(hexOf(responder.receive(lines('ls')))).toBe(na)
    expect(hexOf(new Responder(() => false, { allowLs: true }).receive(lines(multistreamProtocol, 'ls')))).toBe(
      header + na
    )
  })
})

describe('hostile lines', () => {
  const long = `8108${toHex(fromUtf8('x'.repeat(1024)))}0a`
  const cases: Array<[string, string, string]> = [
    ['mss-len-65535', 'ffff03', 'ERR_MULTISTREAM_LENGTH'],
    ['a length that can only be too long', 'ff80', 'ERR_MULTISTREAM_LENGTH'],
    ['a length that is not minimal', '8300', 'ERR_MULTISTREAM_LENGTH'],
    ['1025 bytes', long.slice(0, 4), 'ERR_MULTISTREAM_LENGTH'],
    ['varint-overlong', '8080808080808080808001', 'ERR_MULTISTREAM_LENGTH'],
    ['mss-zero-len', '00', 'ERR_MULTISTREAM_LENGTH'],
    ['no newline', '026161', 'ERR_MULTISTREAM_NEWLINE'],
    ['two newlines', '04610a610a', 'ERR_MULTISTREAM_NEWLINE'],
    ['no UTF-8', '02ff0a', 'ERR_MULTISTREAM_TEXT']
  ]

  it.each(cases)('%s', (_name, hex, code) => {
    for (const side of sides()) expect(() => side.receive(fromHex(header + hex))).toThrow(failure(code))
  })

  it.each([
    ['another line', '036c730a'],
    ['the header of another version', header.replace('312e30', '312e31')],
    ['one wrong byte, after which no more comes', '60'],
    ['a wrong byte at the end of what came', `${header.slice(0, 20)}00`]
  ])('no header: %s', (_name, hex) => {
    for (const side of sides()) expect(() => side.receive(fromHex(hex))).toThrow(failure('ERR_MULTISTREAM_HEADER'))
  })

  function sides(): Array<Responder | Selector | OptimisticSelection> {
    return [new Responder(['/a']), new Selector(['/a']), new OptimisticSelection('/a')]
  }

  it('mss-ls: lists nothing unasked', () => {
    const step = new Responder(['/a']).receive(fromHex('132f6d756c746973747265616d2f312e302e300a036c730a'))
    expect(hexOf(step)).toBe(header + na)
  })

  it('mss-na-flood: stops after 32 proposals', () => {
    const responder = new Responder(['/a'])
    responder.receive(fromHex(header))
    let bytes = 0
    const flood = (): void => {
      for (let i = 0; i < 1000; i++) bytes += responder.receive(fromHex('092f782f312e302e300a'))!.reply!.byteLength
    }
    expect(flood).toThrow(failure('ERR_MULTISTREAM_PROPOSALS'))
    expect(bytes).toBe(4 * maxProposals)
  })

  it('takes a line of 1024 bytes', () => {
    const name = 'x'.repeat(1023)
    expect(new Responder([name]).receive(lines(multistreamProtocol, name))!.protocol).toBe(name)
    expect(() => new Selector([`${name}x`])).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    expect(() => new Selector(['a\nb'])).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    expect(() => new Selector([])).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })

  it('is not told another protocol than it proposed', () => {
    const selector = new Selector(['/a', '/b'])
    expect(() => selector.receive(lines(multistreamProtocol, '/b'))).toThrow(failure('ERR_MULTISTREAM_ANSWER'))
  })

  it('names what was refused', () => {
    const refused = expect.objectContaining({
      name: 'UnsupportedProtocolError',
      message: expect.stringContaining('/a, /b'),
      protocols: ['/a', '/b']
    })
    expect(() => new Selector(['/a', '/b']).receive(lines(multistreamProtocol, 'na', 'na'))).toThrow(refused)
  })
})

describe('optimistic selection', () => {
  it('sends one view for a protocol and compares the answer', () => {
    const selection = new OptimisticSelection('/noise/1.0')
    expect(toHex(selection.prefix)).toBe(header + noise)
    expect(new OptimisticSelection('/noise/1.0').prefix).toBe(selection.prefix)
    expect(selection.receive(fromHex(header))).toEqual({ done: false })
    expect(selection.receive(fromHex(noise))).toEqual({ done: true })
    expect(selection.done).toBe(true)
  })

  it('hands on what follows', () => {
    const { done, rest } = new OptimisticSelection('/noise/1.0').receive(fromHex(`${header}${noise}0102`))
    expect([done, toHex(rest!)]).toEqual([true, '0102'])
  })

  it.each([1, 3, 100])('is refused in chunks of %i', size => {
    const selection = new OptimisticSelection('/noise/1.0')
    const bytes = lines(multistreamProtocol, 'na')
    const feed = (): void => {
      for (let at = 0; at < bytes.byteLength; at += size) selection.receive(bytes.subarray(at, at + size))
    }
    expect(feed).toThrow(expect.objectContaining({ name: 'UnsupportedProtocolError', protocols: ['/noise/1.0'] }))
  })

  it('throws for any other answer', () => {
    const other = lines(multistreamProtocol, '/noise/1.1')
    expect(() => new OptimisticSelection('/noise/1.0').receive(other)).toThrow(failure('ERR_MULTISTREAM_ANSWER'))
    expect(() => new OptimisticSelection('/noise/1.0').receive(lines('/multistream/1.0.1'))).toThrow(
      failure('ERR_MULTISTREAM_HEADER')
    )
  })

  it('keeps a bounded number of views', () => {
    const first = headerAndLine('/kept/0')
    for (let i = 1; i <= maxCachedLines; i++) headerAndLine(`/kept/${i}`)
    expect(headerAndLine('/kept/0')).not.toBe(first)
    expect(headerAndLine('/kept/0')).toEqual(first)
  })
})

describe('properties', () => {
  const names = fc.uniqueArray(fc.constantFrom('/a', '/b/1.0', '/c', '/d/2', '/é', '/f'), {
    minLength: 1,
    maxLength: 6
  })
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 })

  function* cut(bytes: Uint8Array, sizes: number[]): Generator<Uint8Array> {
    for (let at = 0, i = 0; at < bytes.byteLength; i++) {
      const size = sizes[i % sizes.length]!
      yield bytes.subarray(at, at + size)
      at += size
    }
  }

  it('dialer and listener agree on the dialer’s first that the listener has, however the bytes are cut', () => {
    fc.assert(
      fc.property(names, names, cuts, cuts, (wanted, offered, there, back) => {
        const selector = new Selector(wanted)
        const responder = new Responder(offered)
        const agreed: Array<string | undefined> = []
        let toListener = selector.opening
        const run = (): void => {
          while (toListener.byteLength > 0) {
            const answers: Uint8Array[] = []
            for (const chunk of cut(toListener, there)) {
              const step = responder.receive(chunk)
              if (step?.reply) answers.push(step.reply)
              if (step?.protocol !== undefined) agreed.push(step.protocol)
            }
            const proposals: Uint8Array[] = []
            for (const chunk of cut(concat(answers), back)) {
              const step = selector.receive(chunk)
              if (step?.reply) proposals.push(step.reply)
              if (step?.protocol !== undefined) agreed.push(step.protocol)
            }
            toListener = concat(proposals)
          }
        }
        const first = wanted.find(name => offered.includes(name))
        if (first === undefined) expect(run).toThrow(expect.objectContaining({ name: 'UnsupportedProtocolError' }))
        else run()
        expect(agreed).toEqual(first === undefined ? [] : [first, first])
      })
    )
  })

  it('cuts change nothing', () => {
    const remote = fc.array(fc.constantFrom(multistreamProtocol, 'na', 'ls', '/a', '/b', '/b\n', ''), { maxLength: 6 })
    fc.assert(
      fc.property(remote, fc.uint8Array({ maxLength: 8 }), cuts, (texts, tail, sizes) => {
        const bytes = concat([...texts.map(encodeLine), tail])
        for (const make of [() => new Selector(['/a', '/b']), () => new Responder(['/a'], { allowLs: true })]) {
          expect(outcome(make(), cut(bytes, sizes))).toEqual(outcome(make(), [bytes]))
        }
      })
    )
  })

  function outcome(side: Selector | Responder, chunks: Iterable<Uint8Array>): unknown {
    const sent: Uint8Array[] = []
    const rest: Uint8Array[] = []
    let protocol: string | undefined
    for (const chunk of chunks) {
      if (protocol !== undefined) {
        rest.push(chunk)
        continue
      }
      try {
        const step = side.receive(chunk)
        if (step?.reply) sent.push(step.reply)
        if (step?.rest) rest.push(step.rest)
        protocol = step?.protocol
        if (step !== undefined && 'error' in step) throw step.error
      } catch (error) {
        // What was refused is told, however it came; a header alone is not.
        const refusals = toUtf8(concat(sent)).replace(/^.*?multistream.*?\n/, '')
        return { code: (error as { code: string }).code, refusals: side instanceof Responder ? refusals : '' }
      }
    }
    return { sent: toUtf8(concat(sent)), protocol, rest: toHex(concat(rest)) }
  }
})
