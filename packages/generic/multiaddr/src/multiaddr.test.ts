import { multiaddr as jsMultiaddr } from '@multiformats/multiaddr'
import { fromHex, toHex } from '@weft/bytes'
import { base16, base16upper } from 'multiformats/bases/base16'
import { base32, base32upper } from 'multiformats/bases/base32'
import { base36, base36upper } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import type { MultibaseEncoder } from 'multiformats/bases/interface'
import { CID } from 'multiformats/cid'
import * as multihash from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import {
  CODE_P2P,
  CODE_P2P_CIRCUIT,
  isMultiaddr,
  maxComponents,
  type Multiaddr,
  multiaddr,
  registry,
  V
} from './index.ts'

const peer = 'QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC'
const other = '12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA'
const onion3 = 'vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd'

function failing(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('golden', () => {
  // text, and bytes as code, length if variable, value
  it.each([
    // multiformats/multiaddr, test/multiaddr.feature
    ['/ip4/192.0.2.42/tcp/443', '04 c000022a 06 01bb'],
    ['/ip4/127.0.0.1/udp/1234', '04 7f000001 9102 04d2'],
    ['/ip6/2001:db8::1/tcp/0', '29 20010db8000000000000000000000001 06 0000'],
    ['/ip6zone/eth0/ip6/fe80::1', '2a 04 65746830 29 fe800000000000000000000000000001'],
    ['/ip4/10.0.0.0/ipcidr/8', '04 0a000000 2b 08'],
    ['/dns4/a.example/tcp/80/ws', '36 09 612e6578616d706c65 06 0050 dd03'],
    ['/unix/%2Ftmp%2Fx', '9003 06 2f746d702f78'],
    ['/memory/7', '8906 01 37'],
    ['/http-path/a%20b', 'e103 03 612062'],
    ['/http-path/.well-known%2Flibp2p', 'e103 12 2e77656c6c2d6b6e6f776e2f6c6962703270'],
    ['/http-path/%2Fa', 'e103 03 2f2f61'],
    ['/ip4/1.2.3.4/tcp/80/plaintextv2', '04 01020304 06 0050 e1d8c103'],
    ['/ip4/1.2.3.4/udp/1/utp', '04 01020304 9102 0001 ae02'],
    ['/ip4/1.2.3.4/udp/1/udt', '04 01020304 9102 0001 ad02'],
    ['/onion/aaimaq4ygg2iegci:80', 'bc03 0010c0439831b4821848 0050'],
    [`/onion3/${onion3}:1234`, 'bd03 adadec040be047f9658668b11a504f3155001f231a37f54c4476c07fb4cc139ed7e303 04d2'],
    ['/p2p-circuit', 'a202']
  ])('%s', (text, spaced) => {
    const hex = spaced.replaceAll(' ', '')
    expect(toHex(multiaddr(text).bytes)).toBe(hex)
    expect(multiaddr(fromHex(hex)).toString()).toBe(text)
  })

  it('writes one form of each value', () => {
    expect(multiaddr(`/ipfs/${peer}`).toString()).toBe(`/p2p/${peer}`)
    const cid = '/p2p/k2k4r8oqamigqdo6o7hsbfwd45y70oyynp98usk7zmyfrzpqxh1pohl7'
    expect(multiaddr(cid).toString()).toMatch(/^\/p2p\/Qm/)
    expect(multiaddr('/ip6/FE80:0:0::1.2.3.4').toString()).toBe('/ip6/fe80::102:304')
    expect(multiaddr('/http-path/%2e%2E%2fx').toString()).toBe('/http-path/..%2Fx')
    expect(multiaddr('//ip4/1.2.3.4/tls//').toString()).toBe('/ip4/1.2.3.4/tls')
    expect(multiaddr('/certhash/f130212ab').toString()).toBe('/certhash/uEwISqw')
  })

  it('reads an HTTP path with and without its first slash, as one and the same', () => {
    const [without, with_, other] = ['03612f62', '042f612f62', '052f2f612f62'].map(hex =>
      multiaddr(fromHex(`e103${hex}`))
    )
    expect([without, with_, other].map(String)).toEqual(['/http-path/a%2Fb', '/http-path/a%2Fb', '/http-path/%2Fa%2Fb'])
    expect([without!.equals(with_), with_!.equals(without), with_!.equals(other)]).toEqual([true, true, false])
    expect(without!.equals(jsMultiaddr('/http-path/a%2Fb'))).toBe(true)
    expect(with_!.getComponents()[0]!.value).toBe(without!.getComponents()[0]!.value)
    expect(multiaddr('/dns/a/http').encapsulate(with_!).decapsulate(without!).toString()).toBe('/dns/a/http')
  })

  // specs/peer-ids: one key in every form in which peerIdFromString reads it.
  it.each([base16, base16upper, base32, base32upper, base36, base36upper, base58btc, base64url])(
    'reads a peer id as a CID in $name',
    base => {
      const digest = multihash.decode(base58btc.baseDecode(peer))
      const text = CID.createV1(0x72, digest).toString(base as MultibaseEncoder<string>)
      expect(multiaddr(`/p2p/${text}`).toString()).toBe(`/p2p/${peer}`)
      const file = CID.createV1(0x70, digest).toString(base as MultibaseEncoder<string>)
      expect(failing(() => multiaddr(`/p2p/${file}`))).toMatchObject({ code: 'ERR_MULTIADDR_VALUE' })
    }
  )

  it.each([
    `/garlic64/${'jT~I-'.repeat(103)}A`,
    `/garlic64/${'AAAA'.repeat(130)}AA==`,
    '/garlic32/566niximlxdzpanmn4qouucvua3k7neniwss47li5r6ugoertzuq',
    `/onion3/${onion3}:1234/tcp/80`,
    `/ip4/1.2.3.4/tcp/443/tls/sni/example.com/ws/p2p/${other}/p2p-circuit/webrtc/p2p/${peer}`,
    '/ip4/1.2.3.4/udp/4001/quic-v1/webtransport/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ'
  ])('keeps %s', text => {
    expect(multiaddr(multiaddr(text).bytes).toString()).toBe(text)
  })
})

describe('input', () => {
  it.each([
    ['04010203', 'ERR_MULTIADDR_TRUNCATED'], // ma-truncated
    ['ffff03', 'ERR_UNKNOWN_PROTOCOL'], // ma-unknown-code
    ['35', 'ERR_MULTIADDR_TRUNCATED'], // no length
    ['35036161', 'ERR_MULTIADDR_TRUNCATED'],
    ['35ffffffff0761', 'ERR_MULTIADDR_TRUNCATED'], // length of 2^31
    ['35ffffffffffffff7f61', 'ERR_MULTIADDR_VARINT'], // length above 2^53
    ['840001020304', 'ERR_MULTIADDR_VARINT'], // code 4, not minimal
    ['3500', 'ERR_MULTIADDR_VALUE'], // empty name
    ['3503612f62', 'ERR_MULTIADDR_VALUE'], // "a/b" would read as two components
    ['3502c328', 'ERR_MULTIADDR_VALUE'], // not UTF-8
    ['a5030100', 'ERR_MULTIADDR_VALUE'], // multihash without length
    ['a503021220', 'ERR_MULTIADDR_VALUE'], // multihash without digest
    ['a50303110100', 'ERR_MULTIADDR_VALUE'], // SHA-1
    [`bc03${'00'.repeat(12)}`, 'ERR_MULTIADDR_VALUE'], // port 0
    ['e103012f', 'ERR_MULTIADDR_VALUE'], // empty path
    ['be030141', 'ERR_MULTIADDR_VALUE'],
    ['bf030141', 'ERR_MULTIADDR_VALUE'],
    [`d203${'8101'}${'00'.repeat(129)}`, 'ERR_MULTIADDR_VALUE'],
    [`a503${'8101'}${'00'.repeat(129)}`, 'ERR_MULTIADDR_VALUE'],
    ['c003'.repeat(maxComponents + 1), 'ERR_MULTIADDR_COMPONENTS'],
    [`35fe1f${'61'.repeat(4094)}`, 'ERR_MULTIADDR_LENGTH']
  ])('refuses bytes %#', (hex, code) => {
    const bytes = fromHex(hex)
    expect(failing(() => multiaddr(bytes))).toMatchObject({ name: 'InvalidMultiaddrError', code })
  })

  it.each([
    ['ip4/1.2.3.4', 'ERR_INVALID_MULTIADDR'],
    ['/nonsense', 'ERR_UNKNOWN_PROTOCOL'],
    ['/__proto__', 'ERR_UNKNOWN_PROTOCOL'],
    ['/ip4', 'ERR_MULTIADDR_VALUE'],
    ['/tls/ip4//tcp', 'ERR_MULTIADDR_VALUE'],
    ['/ip4/1.2.3', 'ERR_MULTIADDR_VALUE'],
    ['/ip4/01.2.3.4', 'ERR_MULTIADDR_VALUE'],
    ['/ip4/1.2.3.256', 'ERR_MULTIADDR_VALUE'],
    ['/ip6/1.2.3.4', 'ERR_MULTIADDR_VALUE'],
    ['/ip6/fe80::1%eth0', 'ERR_MULTIADDR_VALUE'],
    ['/tcp/65536', 'ERR_MULTIADDR_VALUE'],
    ['/tcp/080', 'ERR_MULTIADDR_VALUE'],
    ['/tcp/-1', 'ERR_MULTIADDR_VALUE'],
    ['/tcp/1e3', 'ERR_MULTIADDR_VALUE'],
    ['/ip4/1.2.3.4/ipcidr/256', 'ERR_MULTIADDR_VALUE'],
    ['/unix/%zz', 'ERR_MULTIADDR_VALUE'],
    ['/p2p/Qm2', 'ERR_MULTIADDR_VALUE'],
    ['/p2p/hello', 'ERR_MULTIADDR_VALUE'],
    [`/p2p/${'1'.repeat(300)}`, 'ERR_MULTIADDR_VALUE'],
    ['/p2p/mAXASIA', 'ERR_MULTIADDR_VALUE'], // base 64 without padding is none of a peer id's bases
    ['/memory/a b', 'ERR_MULTIADDR_VALUE'],
    ['/memory/a\nb', 'ERR_MULTIADDR_VALUE'],
    [`/memory/${'a'.repeat(256)}`, 'ERR_MULTIADDR_VALUE'],
    ['/dns4/ a', 'ERR_MULTIADDR_VALUE'],
    [`/dns/${'a'.repeat(256)}`, 'ERR_MULTIADDR_VALUE'],
    ['/certhash/?abc', 'ERR_MULTIADDR_VALUE'],
    ['/certhash/uEiA', 'ERR_MULTIADDR_VALUE'], // no digest
    ['/certhash/f122012', 'ERR_MULTIADDR_VALUE'], // 1 byte of 32
    [`/certhash/f1221${'00'.repeat(33)}`, 'ERR_MULTIADDR_VALUE'], // SHA-256 of 33 bytes
    [`/certhash/f1220${'00'.repeat(33)}`, 'ERR_MULTIADDR_VALUE'], // one byte too many
    ['/certhash/f0000', 'ERR_MULTIADDR_VALUE'],
    [`/certhash/z${'1'.repeat(1100)}`, 'ERR_MULTIADDR_VALUE'],
    ['/onion/timaq4ygg2iegci7:0', 'ERR_MULTIADDR_VALUE'],
    ['/onion/timaq4ygg2iegci7', 'ERR_MULTIADDR_VALUE'],
    ['/onion/timaq4ygg2iegci7:1:2', 'ERR_MULTIADDR_VALUE'],
    ['/onion3/timaq4ygg2iegci7:80', 'ERR_MULTIADDR_VALUE'],
    ['/garlic64/a+b', 'ERR_MULTIADDR_VALUE'],
    ['/garlic32/abc', 'ERR_MULTIADDR_VALUE'],
    ['/ws'.repeat(maxComponents + 1), 'ERR_MULTIADDR_COMPONENTS'],
    [`/unix/${'a'.repeat(5000)}`, 'ERR_MULTIADDR_LENGTH'],
    [`/dns/${'a'.repeat(2e5)}`, 'ERR_MULTIADDR_LENGTH']
  ])('refuses text %#', (text, code) => {
    expect(failing(() => multiaddr(text))).toMatchObject({ name: 'InvalidMultiaddrError', code })
  })

  it.each([5, {}, true, Symbol('x')])('refuses %s', value => {
    expect(failing(() => multiaddr(value as never))).toMatchObject({ code: 'ERR_INVALID_MULTIADDR' })
  })

  it('takes nothing, text, bytes, components and addresses', () => {
    const text = `/ip4/1.2.3.4/tcp/80/p2p/${peer}`
    const address = multiaddr(text)
    expect(multiaddr(address)).toBe(address)
    expect(multiaddr(address.bytes).toString()).toBe(text)
    expect(multiaddr(address.getComponents()).toString()).toBe(text)
    for (const empty of [undefined, null, '', '/', new Uint8Array(0), []]) {
      expect(multiaddr(empty)).toMatchObject({ bytes: new Uint8Array(0) })
      expect(multiaddr(empty).toString()).toBe('/')
    }
  })

  it('reads code and value of components, not name and bytes', () => {
    const bytes = fromHex('0600ff')
    expect(multiaddr([{ code: 6, name: 'x', value: '80', bytes }]).toString()).toBe('/tcp/80')
    expect(failing(() => multiaddr([{ code: 6, name: 'tcp', bytes }]))).toMatchObject({ code: 'ERR_MULTIADDR_VALUE' })
    expect(failing(() => multiaddr([{ code: 6, name: 'tcp', value: 80 as never }]))).toMatchObject({
      code: 'ERR_MULTIADDR_VALUE'
    })
    expect(failing(() => multiaddr([{ code: 448, name: 'tls', value: 'x' }]))).toMatchObject({
      code: 'ERR_MULTIADDR_VALUE'
    })
  })

  it('copies bytes', () => {
    const bytes = fromHex('0401020304')
    const address = multiaddr(bytes)
    bytes.fill(0)
    expect(address.toString()).toBe('/ip4/1.2.3.4')
  })
})

describe('operations', () => {
  const relayed = `/ip4/1.2.3.4/tcp/80/p2p/${other}/p2p-circuit/p2p/${peer}`

  it('encapsulates', () => {
    const inner = multiaddr('/ip4/8.8.8.8/tcp/1080')
    expect(inner.encapsulate('/ws').toString()).toBe('/ip4/8.8.8.8/tcp/1080/ws')
    expect(inner.encapsulate(inner).encapsulate(null).toString()).toBe('/ip4/8.8.8.8/tcp/1080/ip4/8.8.8.8/tcp/1080')
    const long = multiaddr('/ws'.repeat(maxComponents))
    expect(failing(() => long.encapsulate('/ws'))).toMatchObject({ code: 'ERR_MULTIADDR_COMPONENTS' })
    const wide = multiaddr(`/unix/${'a'.repeat(4000)}`)
    expect(failing(() => wide.encapsulate(wide))).toMatchObject({ code: 'ERR_MULTIADDR_LENGTH' })
  })

  it.each<[string, string | Multiaddr, string | undefined]>([
    [relayed, `/p2p/${peer}`, relayed.slice(0, -5 - peer.length)],
    [relayed, multiaddr('/tcp/80'), '/ip4/1.2.3.4'],
    [relayed, '/p2p-circuit', `/ip4/1.2.3.4/tcp/80/p2p/${other}`],
    [relayed, '/tcp', '/ip4/1.2.3.4'],
    [relayed, '/tcp/8', undefined],
    [relayed, '/ip4', '/'],
    [relayed, '/sctp', undefined],
    [relayed, '/', relayed],
    ['/dns4/tcp/tcp/80', '/tcp', '/dns4/tcp'],
    ['/tcp/80/tcp/80/ws', '/tcp/80', '/tcp/80']
  ])('decapsulates %s by %s', (text, part, rest) => {
    const address = multiaddr(text)
    if (rest === undefined)
      expect(failing(() => address.decapsulate(part))).toMatchObject({ name: 'InvalidParametersError' })
    else expect(address.decapsulate(part).toString()).toBe(rest)
  })

  it('decapsulates by code', () => {
    const address = multiaddr(relayed)
    expect(address.decapsulateCode(CODE_P2P_CIRCUIT).toString()).toBe(`/ip4/1.2.3.4/tcp/80/p2p/${other}`)
    expect(address.decapsulateCode(CODE_P2P).decapsulateCode(CODE_P2P).toString()).toBe('/ip4/1.2.3.4/tcp/80')
    expect(address.decapsulateCode(1).equals(address)).toBe(true)
  })

  it('compares', () => {
    const address = multiaddr('/ip4/1.2.3.4')
    expect(address.equals(multiaddr('/ip4/1.2.3.4'))).toBe(true)
    for (const value of [multiaddr('/ip4/1.2.3.5'), undefined, null, '/ip4/1.2.3.4', {}]) {
      expect(address.equals(value)).toBe(false)
    }
  })

  it('is shown as text', () => {
    const address = multiaddr('/ip4/1.2.3.4')
    expect(JSON.stringify({ address })).toBe('{"address":"/ip4/1.2.3.4"}')
    const show = (address as unknown as Record<symbol, () => string>)[Symbol.for('nodejs.util.inspect.custom')]!
    expect(show.call(address)).toBe('Multiaddr(/ip4/1.2.3.4)')
  })

  it('is marked', () => {
    expect(isMultiaddr(multiaddr('/ws'))).toBe(true)
    expect(isMultiaddr({ [Symbol.for('@multiformats/multiaddr')]: true })).toBe(true)
    for (const value of [undefined, null, 5, '/ws', {}]) expect(isMultiaddr(value)).toBe(false)
  })
})

describe('registry', () => {
  it('takes protocols and gives them back', () => {
    const bytes = fromHex('8b100568656c6c6f')
    expect(failing(() => multiaddr('/custom/hello'))).toMatchObject({
      code: 'ERR_UNKNOWN_PROTOCOL',
      protocol: 'custom'
    })
    registry.addProtocol({ code: 2059, name: 'custom', size: V, aliases: ['other'] })
    try {
      expect(multiaddr('/other/hello').bytes).toEqual(bytes)
      expect(multiaddr(bytes).toString()).toBe('/custom/hello')
    } finally {
      registry.removeProtocol(2059)
    }
    registry.removeProtocol(2059)
    for (const key of ['custom', 'other', 2059]) expect(() => registry.getProtocol(key)).toThrow('unknown')
  })

  it('keeps what codecs throw as the cause', () => {
    const cause = new Error('odd')
    const validate = (value: string): void => {
      if (value === 'bad') throw cause
    }
    registry.addProtocol({ code: 2059, name: 'custom', size: 24, validate })
    try {
      expect(failing(() => multiaddr('/custom/bad'))).toMatchObject({ code: 'ERR_MULTIADDR_VALUE', cause })
      expect(failing(() => multiaddr(fromHex('8b10626164')))).toMatchObject({ code: 'ERR_MULTIADDR_VALUE', cause })
      expect(failing(() => multiaddr('/custom/long'))).toMatchObject({ code: 'ERR_MULTIADDR_VALUE' })
      expect(multiaddr('/custom/abc').getComponents()).toEqual([{ code: 2059, name: 'custom', value: 'abc' }])
    } finally {
      registry.removeProtocol(2059)
    }
  })

  it('refuses other sizes than whole bytes', () => {
    for (const size of [-2, 7, Number.NaN]) {
      expect(() => registry.addProtocol({ code: 2059, name: 'custom', size })).toThrow('multiple of 8')
    }
  })
})
