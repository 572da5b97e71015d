import { fromUtf8 } from '@weft/bytes'
import { describe, expect, it } from 'vitest'
import type { PeerId } from '@libp2p/interface'
import { ProvenPeers } from './proven-peers.ts'

const proof = (...parts: string[]): Uint8Array[] => parts.map(part => fromUtf8(part))

describe('proven peers', () => {
  // It is handed back as it is.
  const peer = {} as PeerId

  it('knows a proof again by its bytes, and no other', () => {
    const proven = new ProvenPeers()
    proven.add(proof('key', 'signature'), peer)
    expect(proven.get(proof('key', 'signature'))).toBe(peer)
    expect(proven.get(proof('key', 'signaturf'))).toBeUndefined()
    expect(proven.get(proof('key'))).toBeUndefined()
  })

  it('tells proofs apart that have the same bytes in other parts', () => {
    const proven = new ProvenPeers()
    proven.add(proof('ab', 'c'), peer)
    expect(proven.get(proof('a', 'bc'))).toBeUndefined()
    expect(proven.get(proof('abc'))).toBeUndefined()
    // The separator may be part of a part.
    proven.add(proof('a', '1:b'), peer)
    expect(proven.get(proof('a1:1:b'))).toBeUndefined()
  })

  it('forgets the one that was not asked for longest', () => {
    const proven = new ProvenPeers(2)
    proven.add(proof('1'), peer)
    proven.add(proof('2'), peer)
    expect(proven.get(proof('1'))).toBe(peer)
    proven.add(proof('3'), peer)
    expect(proven.size).toBe(2)
    expect(proven.get(proof('2'))).toBeUndefined()
    expect(proven.get(proof('1'))).toBe(peer)
  })

  it('keeps no proof of over 1 KiB', () => {
    const proven = new ProvenPeers()
    proven.add([new Uint8Array(1000), new Uint8Array(24)], peer)
    proven.add([new Uint8Array(1000), new Uint8Array(25)], peer)
    expect(proven.size).toBe(1)
    expect(proven.get([new Uint8Array(1000), new Uint8Array(25)])).toBeUndefined()
  })
})
