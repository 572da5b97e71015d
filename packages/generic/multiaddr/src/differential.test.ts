// Against @multiformats/multiaddr, js-libp2p's own implementation.
import { isMultiaddr as jsIsMultiaddr, multiaddr as jsMultiaddr, registry as jsRegistry } from '@multiformats/multiaddr'
import * as js from '@multiformats/multiaddr'
import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import { describe, expect, it } from 'vitest'
import * as ours from './index.ts'
import { formatIp, isMultiaddr, type Multiaddr, multiaddr } from './index.ts'
import { protocols } from './protocols.ts'

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length }) as fc.Arbitrary<Uint8Array>

const name = fc.stringMatching(/^[a-zA-Z0-9._~:@%=é-]{1,20}$/)
const port = fc.integer({ min: 0, max: 65535 }).map(String)
const path = fc.string({ minLength: 1, maxLength: 20 }).map(encodeURIComponent)
const onion = (length: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.stringMatching(new RegExp(`^[a-z2-7]{${length}}$`)), fc.integer({ min: 1, max: 65535 }))
    .map(parts => parts.join(':'))
const peerId = fc.oneof(
  bytesOf(32).map(digest => base58btc.baseEncode(Uint8Array.of(0x12, 0x20, ...digest))),
  bytesOf(36).map(key => base58btc.baseEncode(Uint8Array.of(0, 36, ...key)))
)
const values: Record<string, fc.Arbitrary<string>> = {
  ip4: bytesOf(4).map(formatIp),
  ip6: fc
    .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
    .map(groups => formatIp(Uint8Array.from(groups.flatMap(group => [group >> 8, group & 0xff])))),
  ipcidr: fc.integer({ min: 0, max: 255 }).map(String),
  unix: path,
  'http-path': path,
  p2p: peerId,
  certhash: fc
    .uint8Array({ minLength: 1, maxLength: 64 })
    .map(digest => base64url.encode(Uint8Array.of(0x16, digest.byteLength, ...digest))),
  onion: onion(16),
  onion3: onion(56)
}
for (const text of ['ip6zone', 'dns', 'dns4', 'dns6', 'dnsaddr', 'sni', 'memory']) values[text] = name
for (const ported of ['tcp', 'udp', 'dccp', 'sctp']) values[ported] = port

// It has no /plaintextv2.
const known = protocols.filter(({ name }) => name !== 'plaintextv2')
// It puts the text of garlic addresses into the bytes; ours are those of the registry, as in other languages. Paths of HTTP
// have their first slash in its bytes, and not in the specification's.
const compared = known.filter(({ name }) => !name.startsWith('garlic') && name !== 'http-path')
const component = fc
  .constantFrom(...compared)
  .chain(({ name, size }) => (size === 0 ? fc.constant(`/${name}`) : values[name]!.map(value => `/${name}/${value}`)))
const address = fc.array(component, { maxLength: 16 }).map(parts => parts.join('') || '/')

describe('the same as @multiformats/multiaddr', () => {
  it('knows the same protocols', () => {
    for (const { code, name, size } of known) {
      expect(jsRegistry.getProtocol(code)).toMatchObject({ name })
      expect(jsRegistry.getProtocol(name).size ?? 0).toBe(size)
    }
    expect(ours).toMatchObject(Object.fromEntries(Object.entries(js).filter(([key]) => key.startsWith('CODE_'))))
    expect(ours).toMatchObject({ V: js.V })
    expect(Object.keys(js).filter(key => !(key in ours))).toEqual([])
    expect(Object.keys(js).filter(key => key.startsWith('CODE_'))).toHaveLength(known.length)
  })

  it('turns text into the same bytes, components and text', () => {
    fc.assert(
      fc.property(address, text => {
        const mine = multiaddr(text)
        const theirs = jsMultiaddr(text)
        expect(mine.toString()).toBe(text)
        expect(mine.getComponents()).toEqual(theirs.getComponents())
        expect(mine.toString()).toBe(theirs.toString())
        expect(mine.bytes).toEqual(theirs.bytes)
        expect(mine.getComponents()).toEqual(theirs.getComponents())
        expect(mine.toJSON()).toBe(theirs.toJSON())
      })
    )
  })

  it('turns bytes into the same text and components, and back', () => {
    fc.assert(
      fc.property(address, text => {
        const { bytes } = jsMultiaddr(text)
        const mine = multiaddr(bytes)
        const theirs = jsMultiaddr(bytes)
        expect(mine.getComponents()).toEqual(theirs.getComponents())
        expect(mine.toString()).toBe(theirs.toString())
        expect(multiaddr(mine.toString()).bytes).toEqual(bytes)
      })
    )
  })

  it('cuts and joins alike, also with addresses of the other kind', () => {
    fc.assert(
      fc.property(fc.array(component, { minLength: 2, maxLength: 8 }), fc.nat(), (parts, random) => {
        const text = parts.join('')
        const mine: Multiaddr = multiaddr(text)
        const theirs: Multiaddr = jsMultiaddr(text)
        const part = multiaddr(parts[random % parts.length])
        const { code } = part.getComponents()[0]!
        expect(mine.decapsulateCode(code).toString()).toBe(theirs.decapsulateCode(code).toString())
        expect(mine.encapsulate(jsMultiaddr(part)).toString()).toBe(theirs.encapsulate(part).toString())
        expect(mine.decapsulate(jsMultiaddr(parts.at(-1))).toString()).toBe(parts.slice(0, -1).join(''))
        expect(mine.equals(theirs) && theirs.equals(mine) && !mine.equals(part)).toBe(true)
        expect(jsIsMultiaddr(mine) && isMultiaddr(theirs)).toBe(true)
        expect(multiaddr(theirs).toString()).toBe(jsMultiaddr(mine).toString())
      })
    )
  })
})

// What js-libp2p takes and we refuse, by error code; a bad value only of these protocols.
const stricter = new Set([
  'ERR_MULTIADDR_TRUNCATED', // it reads a value that is cut short as far as it goes
  'ERR_MULTIADDR_VARINT', // it reads varints that are not minimal
  'ERR_MULTIADDR_COMPONENTS',
  'ERR_MULTIADDR_LENGTH'
])
const stricterValues = new Set([
  ...['dns', 'dns4', 'dns6', 'dnsaddr', 'ip6zone', 'sni', 'memory'], // "/" or spaces, not UTF-8, or too long
  ...['unix', 'http-path'], // not UTF-8, or empty
  ...['p2p', 'certhash'], // no multihash; no peer id; longer than any hash
  ...['onion', 'onion3'], // port 0, which its own text form does not take
  ...['garlic64', 'garlic32'] // too short for a destination
])

describe('random bytes', () => {
  const code = fc.constantFrom(...known).map(({ code }) => code)
  const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7])
  const raw = fc
    .tuple(code, fc.uint8Array({ maxLength: 20 }), fc.boolean())
    .map(([code, value, sized]) => [...varint(code), ...(sized ? varint(value.length) : []), ...value])
  const whole = component.map(text => [...multiaddr(text).bytes])
  const hostile = fc
    .array(
      fc.oneof(
        raw,
        whole,
        fc.uint8Array({ maxLength: 4 }).map(bytes => [...bytes])
      ),
      { maxLength: 5 }
    )
    .map(parts => Uint8Array.from(parts.flat()))

  it('are taken or refused alike, but for what is listed', () => {
    const taken = { by: 0 }
    fc.assert(
      fc.property(hostile, bytes => {
        const mine = attempt(() => multiaddr(bytes).toString())
        const theirs = attempt(() => jsMultiaddr(bytes).toString())
        if (mine.error === undefined) {
          taken.by++
          expect(theirs.error).toBeUndefined()
          // See above for garlic; and js-libp2p cuts the first character off an HTTP path without a first slash.
          if (!/garlic|http-path/.test(mine.value!)) expect(mine.value).toBe(theirs.value)
          return
        }
        expect(mine.error.name).toBe('InvalidMultiaddrError')
        if (theirs.error !== undefined || stricter.has(mine.error.code)) return
        expect(mine.error.code).toBe('ERR_MULTIADDR_VALUE')
        expect(stricterValues).toContain(/\/([a-z0-9-]+)/.exec(mine.error.message)?.[1])
      }),
      { numRuns: 2000 }
    )
    expect(taken.by).toBeGreaterThan(50)
  })

  it('that are taken come back from text', () => {
    fc.assert(
      fc.property(hostile, bytes => {
        const { value } = attempt(() => multiaddr(bytes).toString())
        if (value !== undefined) expect(multiaddr(value).toString()).toBe(value)
      })
    )
  })
})

function attempt<T>(run: () => T): { value?: T; error?: Error & { code: string } } {
  try {
    return { value: run() }
  } catch (error) {
    return { error: error as Error & { code: string } }
  }
}
