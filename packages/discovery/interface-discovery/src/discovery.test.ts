import type { PeerDiscovery, PeerDiscoveryEvents, Startable } from '@libp2p/interface'
import { EventEmitter } from '@weft/events'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { discoverySuite } from './compliance/index.ts'
import { peerDiscoverySymbol } from './index.ts'

/** The smallest discovery that keeps the contract: it knows one peer. */
class OnePeer extends EventEmitter<PeerDiscoveryEvents> implements PeerDiscovery, Startable {
  private _running = false

  async start(): Promise<void> {
    if (this._running) return
    this._running = true
    const id = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    this.safeDispatchEvent('peer', { detail: { id, multiaddrs: [multiaddr('/ip4/127.0.0.1/tcp/1')] } })
  }

  async stop(): Promise<void> {
    this._running = false
  }
}

discoverySuite({ describe, it, expect }, { setup: async () => new OnePeer(), teardown: async () => {} })

describe('symbol', () => {
  it('is that of every copy', () => {
    expect(peerDiscoverySymbol).toBe(Symbol.for('@libp2p/peer-discovery'))
  })
})
