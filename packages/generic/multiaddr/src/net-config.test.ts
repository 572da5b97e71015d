import { describe, expect, it } from 'vitest'
import {
  getNetConfig,
  getThinWaistAddresses,
  ipPortToMultiaddr,
  isNetworkAddress,
  multiaddr,
  netConfigToMultiaddr,
  tryGetNetConfig
} from './index.ts'

describe('net config', () => {
  it.each([
    ['/ip4/1.2.3.4/tcp/80', { type: 'ip4', host: '1.2.3.4', protocol: 'tcp', port: 80 }],
    ['/ip4/1.2.3.4', { type: 'ip4', host: '1.2.3.4' }],
    ['/ip4/10.0.0.0/ipcidr/8/udp/0', { type: 'ip4', host: '10.0.0.0', protocol: 'udp', port: 0, cidr: 8 }],
    ['/ip4/10.0.0.0/tcp/1/ipcidr/8', { type: 'ip4', host: '10.0.0.0', protocol: 'tcp', port: 1, cidr: 8 }],
    ['/ip6zone/eth0/ip6/fe80::1/udp/5', { type: 'ip6', host: 'fe80::1', zone: 'eth0', protocol: 'udp', port: 5 }],
    [
      '/dns6/a.example/tcp/443/tls/sni/b.example/ws',
      { type: 'dns6', host: 'a.example', protocol: 'tcp', port: 443, sni: 'b.example' }
    ],
    ['/dnsaddr/a.example/tls/ws', { type: 'dnsaddr', host: 'a.example' }]
  ])('%s', (text, config) => {
    expect(getNetConfig(multiaddr(text))).toEqual(config)
    expect(isNetworkAddress(multiaddr(text))).toBe(true)
  })

  it.each(['/memory/1', '/ip6zone/a/tcp/80', '/tcp/80', '/'])('has none of %s', text => {
    expect(tryGetNetConfig(multiaddr(text))).toBeUndefined()
    expect(isNetworkAddress(multiaddr(text))).toBe(false)
    expect(() => getNetConfig(multiaddr(text))).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })

  it('makes addresses', () => {
    const text = '/ip6zone/eth0/ip6/fe80::1/ipcidr/64/tcp/80'
    const config = getNetConfig(multiaddr(text))
    expect(netConfigToMultiaddr(config).toString()).toBe(text)
    expect(netConfigToMultiaddr(config, 81, '::1').toString()).toBe('/ip6zone/eth0/ip6/::1/ipcidr/64/tcp/81')
    expect(netConfigToMultiaddr({ type: 'dns', host: 'a' }, 5).toString()).toBe('/dns/a')
    expect(ipPortToMultiaddr('::1', '80').toString()).toBe('/ip6/::1/tcp/80')
    expect(ipPortToMultiaddr('1.2.3.4', 80, 'udp').toString()).toBe('/ip4/1.2.3.4/udp/80')
    expect(() => ipPortToMultiaddr('a', 80)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    expect(() => ipPortToMultiaddr('::1', 'x')).toThrow(expect.objectContaining({ name: 'InvalidMultiaddrError' }))
  })
})

describe('thin waist', () => {
  const interfaces = ['127.0.0.1', '192.168.1.2', '169.254.0.1', '::1', 'fe80::1', 'fd00::2', 'nonsense']

  it.each([
    ['/ip4/0.0.0.0/tcp/0', ['/ip4/127.0.0.1/tcp/81', '/ip4/192.168.1.2/tcp/81']],
    ['/ip6/::/udp/0/quic-v1', ['/ip6/::1/udp/81', '/ip6/fd00::2/udp/81']],
    ['/ip4/1.2.3.4/tcp/0/ws', ['/ip4/1.2.3.4/tcp/81']],
    ['/dns4/a/tcp/1', ['/dns4/a/tcp/81']]
  ])('%s', (text, expected) => {
    expect(getThinWaistAddresses(multiaddr(text), 81, interfaces).map(String)).toEqual(expected)
  })

  it('keeps the port, and makes nothing of nothing', () => {
    expect(getThinWaistAddresses(multiaddr('/ip4/1.2.3.4/tcp/80')).map(String)).toEqual(['/ip4/1.2.3.4/tcp/80'])
    expect(getThinWaistAddresses()).toEqual([])
    expect(getThinWaistAddresses(multiaddr('/ip4/0.0.0.0/tcp/80'), 80, [])).toEqual([])
    expect(() => getThinWaistAddresses(multiaddr('/memory/1'))).toThrow('no IP address')
  })
})
