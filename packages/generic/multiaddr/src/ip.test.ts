import { fromHex, toHex } from '@weft/bytes'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cidrContains,
  formatIp,
  isGlobalUnicast,
  isLinkLocal,
  isLoopback,
  isPrivate,
  isUnspecified,
  multiaddr,
  parseCidr,
  parseIp,
  parseIp4,
  parseIp6
} from './index.ts'

describe('text', () => {
  // RFC 4291 section 2.2, RFC 5952 sections 1 and 4
  it.each([
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['FF01::101', 'ff01::101'],
    ['::1', '::1'],
    ['::', '::'],
    ['1::', '1::'],
    ['::13.1.68.3', '::d01:4403'],
    ['::FFFF:129.144.52.38', '::ffff:8190:3426'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['192.0.2.33', '192.0.2.33']
  ])('%s is %s', (text, canonical) => {
    expect(formatIp(parseIp(text)!)).toBe(canonical)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.04',
    '1.2.3. 4',
    '0x1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4::5:6:7:8',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    ':1:2:3:4:5:6:7',
    'fe80::1%eth0',
    '::1 ',
    '0'.repeat(46)
  ])('refuses "%s"', text => {
    expect(parseIp(text)).toBeUndefined()
    expect(parseIp4(text)).toBeUndefined()
    expect(parseIp6(text)).toBeUndefined()
  })

  it('comes back from bytes, as URLs write it', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), groups => {
        const long = groups.map(value => value.toString(16).padStart(4, '0')).join(':')
        const bytes = fromHex(long.replaceAll(':', ''))
        expect(parseIp6(long)).toEqual(bytes)
        expect(`[${formatIp(bytes)}]`).toBe(new URL(`http://[${long}]`).hostname)
        expect(toHex(parseIp6(formatIp(bytes))!)).toBe(toHex(bytes))
      })
    )
  })

  it('is of 4 or 16 bytes', () => {
    expect(() => formatIp(new Uint8Array(5))).toThrow(RangeError)
  })
})

describe('kinds', () => {
  it.each([
    ['127.0.0.1', true, true, false, false],
    ['::1', true, true, false, false],
    ['::ffff:127.0.0.1', true, true, false, false],
    ['169.254.1.1', true, false, true, false],
    ['fe80::1', true, false, true, false],
    ['febf::1', true, false, true, false],
    ['0.0.0.0', true, false, false, true],
    ['::', true, false, false, true],
    ['10.1.2.3', true, false, false, false],
    ['100.127.0.1', true, false, false, false],
    ['172.31.0.1', true, false, false, false],
    ['172.32.0.1', false, false, false, false],
    ['192.168.0.1', true, false, false, false],
    ['203.0.113.9', true, false, false, false],
    ['255.255.255.255', true, false, false, false],
    ['8.8.8.8', false, false, false, false],
    ['::ffff:10.0.0.1', true, false, false, false],
    ['::ffff:8.8.8.8', false, false, false, false],
    ['64:ff9b::10.0.0.1', true, false, false, false],
    ['64:ff9b::8.8.8.8', false, false, false, false],
    ['fd00::1', true, false, false, false],
    ['ff02::1', true, false, false, false],
    ['2001:db8::1', true, false, false, false],
    ['2002:0808:0808::1', true, false, false, false],
    ['2606:4700::1111', false, false, false, false]
  ])('%s', (ip, isPrivateIp, loopback, linkLocal, unspecified) => {
    const address = multiaddr(`/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/tcp/80`)
    for (const source of [ip, parseIp(ip)!, address]) {
      expect(isPrivate(source)).toBe(isPrivateIp)
      expect(isLoopback(source)).toBe(loopback)
      expect(isLinkLocal(source)).toBe(linkLocal)
      expect(isUnspecified(source)).toBe(unspecified)
    }
  })

  it('knows the public IPv6 block, and hosts that are no IP address', () => {
    expect(isGlobalUnicast('2606:4700::1111')).toBe(true)
    expect(isGlobalUnicast(multiaddr('/ip6zone/eth0/ip6/3fff::1'))).toBe(true)
    for (const ip of ['fd00::1', '4000::1', '8.8.8.8', 'nonsense']) expect(isGlobalUnicast(ip)).toBe(false)
    expect(isPrivate(multiaddr('/dns4/localhost/tcp/80'))).toBe(true)
    for (const text of ['/dns4/example.org/tcp/80', '/memory/1', '/ip6zone/a', '/']) {
      expect(isPrivate(multiaddr(text))).toBe(false)
    }
    for (const source of ['nonsense', new Uint8Array(3)]) expect(isPrivate(source)).toBe(false)
  })
})

describe('blocks', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', '11.0.0.1'],
    ['10.1.2.3/8', '10.0.0.0', '11.0.0.1'],
    ['192.0.2.128/25', '192.0.2.129', '192.0.2.127'],
    ['192.0.2.1', '192.0.2.1', '192.0.2.2'],
    ['0.0.0.0/0', '1.2.3.4', '::1'],
    ['::/0', '::1', '1.2.3.4'],
    ['::/0', '::ffff:1.2.3.4', '1.2.3.4'],
    ['fc00::/7', 'fdff::1', 'fe00::1'],
    ['10.0.0.0/8', '::ffff:10.0.0.1', '::10.0.0.1'],
    ['::ffff:10.0.0.0/104', '10.9.9.9', '11.0.0.1'],
    ['/ip4/10.0.0.0/ipcidr/8', '10.1.1.1', '11.1.1.1'],
    ['/ip6/fc00::/ipcidr/7', 'fd00::1', 'fe00::1'],
    ['/ip4/10.0.0.1/tcp/80', '10.0.0.1', '10.0.0.2'],
    ['10.0.0.0/8', multiaddr('/ip4/10.0.0.1/tcp/80'), multiaddr('/dns4/10.0.0.1/tcp/80')]
  ])('%s', (block, inside, outside) => {
    const cidr = parseCidr(block)
    expect(cidrContains(cidr, inside)).toBe(true)
    expect(cidrContains(cidr, outside)).toBe(false)
  })

  it.each(['10.0.0.0/33', '::/129', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/', 'x/8', '/dns4/a/tcp/1', '/memory/1'])(
    'refuses %s',
    block => {
      expect(() => parseCidr(block)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    }
  )

  it('takes addresses', () => {
    expect(parseCidr(multiaddr('/ip4/10.0.0.0/ipcidr/8'))).toEqual({ network: Uint8Array.of(10, 0, 0, 0), prefix: 8 })
  })
})
