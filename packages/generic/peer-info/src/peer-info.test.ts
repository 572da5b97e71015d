import type { PeerInfo as Contract } from '@libp2p/interface'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPairFromSeed, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { maxAddresses, maxProtocols, peerInfo } from './index.ts'

const id = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32)))

describe('peerInfo', () => {
  it('holds sets', () => {
    const info = peerInfo(id, { multiaddrs: ['/ip4/127.0.0.1/tcp/1'], protocols: ['/a/1', '/a/1'] })
    const contract: Contract = info
    expect(contract.multiaddrs.map(String)).toEqual(['/ip4/127.0.0.1/tcp/1'])
    expect(info.protocols).toEqual(['/a/1'])
    expect(info.addMultiaddr(multiaddr('/ip4/127.0.0.1/tcp/1'))).toBe(false)
    expect(info.addMultiaddr('/ip4/127.0.0.1/tcp/2')).toBe(true)
    expect(info.hasMultiaddr('/ip4/127.0.0.1/tcp/2')).toBe(true)
    expect(info.removeMultiaddr('/ip4/127.0.0.1/tcp/2')).toBe(true)
    expect(info.removeMultiaddr('/ip4/127.0.0.1/tcp/2')).toBe(false)
    expect(info.addProtocol('/b/1') && info.hasProtocol('/b/1') && info.removeProtocol('/b/1')).toBe(true)
    info.multiaddrs.push(multiaddr('/ip4/1.1.1.1'))
    expect(info.multiaddrs.length).toBe(1)
  })

  it('is bounded', () => {
    const multiaddrs = Array.from({ length: 100 }, (_, i) => `/ip4/10.0.0.${i}/tcp/1`)
    const protocols = Array.from({ length: 600 }, (_, i) => `/p/${i}`)
    const info = peerInfo(id, { multiaddrs, protocols })
    expect(info.multiaddrs.length).toBe(maxAddresses)
    expect(info.protocols.length).toBe(maxProtocols)
    expect(info.addProtocol('/one/more') || info.addMultiaddr('/ip4/1.1.1.1/tcp/1')).toBe(false)
  })

  it('refuses what is no id or address', () => {
    expect(() => peerInfo('id' as any)).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
    expect(() => peerInfo(id, { multiaddrs: ['nowhere'] })).toThrow(
      expect.objectContaining({ name: 'InvalidMultiaddrError' })
    )
  })
})
