import { multiaddr } from '@weft/multiaddr'
import { describe, expect, it } from 'vitest'
import { transportOf } from './index.ts'

describe('the transport of a connection', () => {
  it('is the innermost that its address names', () => {
    for (const [text, transport] of [
      ['/ip4/1.2.3.4/tcp/1', 'tcp'],
      ['/dns4/a.example/tcp/443/tls/ws', 'ws'],
      ['/ip4/1.2.3.4/udp/1/quic-v1', 'quic'],
      ['/ip4/1.2.3.4/udp/1/quic-v1/webtransport', 'webtransport'],
      ['/ip4/1.2.3.4/tcp/1/p2p/12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v/p2p-circuit', 'relay'],
      ['/memory/1', 'memory'],
      ['/ip4/1.2.3.4', 'unknown']
    ] as const) {
      expect(transportOf({ remoteAddr: multiaddr(text) })).toBe(transport)
    }
  })
})
