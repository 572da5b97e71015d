import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { connectionGater } from './gater.ts'

const isBrowser = typeof document !== 'undefined'

describe('the default gater', () => {
  it.each([
    ['/ip4/1.2.3.4/tcp/80/ws', true],
    ['/dns4/example.com/tcp/443/wss', false],
    ['/dns4/example.com/tcp/443/tls/ws', false],
    ['/ip4/192.168.1.2/tcp/443/wss', true],
    ['/ip4/127.0.0.1/udp/4001/webrtc-direct', true],
    ['/ip4/1.2.3.4/udp/4001/webrtc-direct', false],
    ['/memory/a', false]
  ])('in browsers: is %s denied? %s', async (address, denied) => {
    const { denyDialMultiaddr } = connectionGater()
    expect((await denyDialMultiaddr?.(multiaddr(address))) ?? false).toBe(isBrowser && denied)
  })

  it('is the user’s own object, whose answers stay', async () => {
    const gater = { denyDialMultiaddr: () => false }
    expect(connectionGater(gater)).toBe(gater)
    expect(gater.denyDialMultiaddr()).toBe(false)
    const partly = { denyDialPeer: () => true }
    expect(connectionGater(partly)).toBe(partly)
  })
})
