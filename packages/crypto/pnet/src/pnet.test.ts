import type { MessageStream, SecuredConnection } from '@libp2p/interface'
import { concat, equals, fromUtf8, toUtf8 } from '@weft/bytes'
import { socketCarrierOf, socketSymbol } from '@weft/interface-connection'
import {
  collect,
  ended,
  eventsOnly,
  messageStreamPair,
  messageStreamSuite
} from '@weft/interface-connection/compliance'
import { networkFingerprintOf } from '@weft/interface-crypto-channel'
import { channelEndSuite, type ChannelPeer } from '@weft/interface-crypto-channel/compliance'
import { generateKeyPair, peerIdFromPrivateKey } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { decodeKeyFile } from './core/key-file.ts'
import { generateKey, preSharedKey } from './index.ts'

const [psk, otherPsk] = [newKey(), newKey()]

function newKey(): Uint8Array {
  const psk = new Uint8Array(95)
  generateKey(psk)
  return psk
}

async function protect(
  [a, b]: [MessageStream, MessageStream] = messageStreamPair(),
  keys: [Uint8Array, Uint8Array] = [psk, psk]
): Promise<[MessageStream, MessageStream]> {
  return Promise.all([preSharedKey({ psk: keys[0] })().protect(a), preSharedKey({ psk: keys[1] })().protect(b)])
}

describe('protected connection', () => {
  messageStreamSuite({ describe, it, expect }, { setup: () => protect() })
})

describe('protected connection over events', () => {
  messageStreamSuite(
    { describe, it, expect },
    {
      setup: () => {
        const [a, b] = messageStreamPair()
        return protect([eventsOnly(a), eventsOnly(b)])
      }
    }
  )
})

const peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))

/** A protected connection as a channel: it is one without a handshake. */
function asChannel(): ChannelPeer {
  const secure = async (connection: MessageStream): Promise<SecuredConnection> => ({
    connection: await preSharedKey({ psk })().protect(connection),
    remotePeer: peerId
  })
  return { encrypter: { protocol: 'pnet', secureInbound: secure, secureOutbound: secure }, peerId }
}

channelEndSuite(
  { describe, it, expect },
  { setup: async () => ({ dialer: asChannel(), listener: asChannel() }), turns: 4 }
)

describe('preSharedKey', () => {
  it.each([1, 1000, Number.POSITIVE_INFINITY])('carries bytes both ways over chunks of %i', async maxChunk => {
    const [a, b] = await protect(messageStreamPair({ maxChunk }))
    const bytes = new Uint8Array(10_000).map((_, i) => i * 7)
    const received = [collect(b), collect(a)]
    for (const stream of [a, b]) {
      for (let at = 0; at < bytes.byteLength; at += 777) stream.send(bytes.slice(at, at + 777))
      void stream.close()
    }
    for (const all of received) expect(equals(await all, bytes)).toBe(true)
  })

  it.runIf('Buffer' in globalThis)(
    'takes a binary key file as a Buffer, which may be overwritten afterwards',
    async () => {
      const key = decodeKeyFile(psk)
      const file = Buffer.from(concat([fromUtf8('/key/swarm/psk/1.0.0/\n/bin/\n'), key]))
      const fromFile = preSharedKey({ psk: file })
      file.fill(0)
      const [a, b] = messageStreamPair()
      const [protectedA, protectedB] = await Promise.all([fromFile().protect(a), preSharedKey({ psk })().protect(b)])
      protectedA.send(Uint8Array.of(1, 2, 3))
      void protectedA.close()
      expect(equals(await collect(protectedB), Uint8Array.of(1, 2, 3))).toBe(true)
    }
  )

  it('has a fingerprint of its network, the same for each node, which is not the key', () => {
    const [one, same, other] = [psk, psk, otherPsk].map(psk => networkFingerprintOf(preSharedKey({ psk })()))
    expect(one?.byteLength).toBe(16)
    expect(equals(one!, same!)).toBe(true)
    expect(equals(one!, other!)).toBe(false)
    expect(equals(one!, decodeKeyFile(psk).subarray(0, 16))).toBe(false)
    expect(networkFingerprintOf(undefined)).toBeUndefined()
    expect(networkFingerprintOf({})).toBeUndefined()
  })

  it('sends its nonce though nothing else is written', async () => {
    const [a, b] = messageStreamPair()
    const first = new Promise<number>(resolve =>
      b.addEventListener('message', ({ data }) => resolve(data.byteLength), { once: true })
    )
    const stream = await preSharedKey({ psk })().protect(a)
    expect(await first).toBe(24)
    stream.abort(new Error('done'))
  })

  it('shows nothing of what is sent, and never the same bytes twice', async () => {
    const seen: Uint8Array[] = []
    for (let i = 0; i < 2; i++) {
      const [a, b] = messageStreamPair()
      const all = collect(b)
      const stream = await preSharedKey({ psk })().protect(a)
      stream.send(new Uint8Array(100).fill(0x61))
      await Promise.all([stream.close(), b.close()])
      seen.push(await all)
    }
    const [one, two] = seen as [Uint8Array, Uint8Array]
    expect(one.byteLength).toBe(124)
    for (const bytes of seen) expect(toText(bytes)).not.toContain('aaa')
    expect(one.subarray(0, 24)).not.toEqual(two.subarray(0, 24))
    expect(one.subarray(24)).not.toEqual(two.subarray(24))
  })

  it('gives other bytes to who has another key', async () => {
    const [a, b] = await protect(messageStreamPair(), [psk, otherPsk])
    const sent = new Uint8Array(100)
    const received = collect(b)
    a.send(sent)
    await Promise.all([a.close(), b.close()])
    expect((await received).byteLength).toBe(100)
    expect(equals(await received, sent)).toBe(false)
  })

  it('ends with an error where the remote ends in its nonce', async () => {
    const [a, b] = messageStreamPair()
    const stream = await preSharedKey({ psk })().protect(b)
    a.send(new Uint8Array(23))
    await a.close()
    expect((await ended(stream)).error).toMatchObject({ name: 'TruncatedStreamError' })
  })

  it('ends at once with an error where the remote has no key', async () => {
    const [a, b] = messageStreamPair()
    const stream = await preSharedKey({ psk })().protect(b)
    a.send(new TextEncoder().encode('\x13/multistream/1.0.0\n'))
    expect((await ended(stream)).error).toMatchObject({ name: 'PnetError', code: 'ERR_PNET_UNPROTECTED' })
    expect(b.status).toBe('aborted')
  })

  it('obeys its signal', async () => {
    const [a, b] = messageStreamPair()
    const protector = preSharedKey({ psk })()
    const reason = new Error('enough')
    await expect(protector.protect(a, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(a.status).toBe('aborted')
    b.abort(reason)
  })

  it('does not offer the socket below', async () => {
    const [a, b] = messageStreamPair()
    Object.defineProperty(a, socketSymbol, { value: {} })
    expect(socketCarrierOf(a)).toBeDefined()
    const [stream] = await protect([a, b])
    expect(socketCarrierOf(stream)).toBeUndefined()
  })

  it('refuses what is no key file when it is made, and keeps a key of its own', async () => {
    expect(() => preSharedKey({ psk: psk.subarray(1) })).toThrow(
      expect.objectContaining({ name: 'PnetError', code: 'ERR_PNET_KEY_FILE' })
    )
    const given = concat([new TextEncoder().encode('/key/swarm/psk/1.0.0/\n/bin/\n'), decodeKeyFile(psk)])
    const protector = preSharedKey({ psk: given })()
    given.fill(0)
    const [a, b] = messageStreamPair()
    const [one, two] = await Promise.all([protector.protect(a), preSharedKey({ psk })().protect(b)])
    const received = collect(two)
    one.send(Uint8Array.of(1, 2, 3))
    await Promise.all([one.close(), two.close()])
    expect([...(await received)]).toEqual([1, 2, 3])
  })
})

describe('generateKey', () => {
  it('writes another key each time, to an array or a stream', () => {
    expect(psk).not.toEqual(otherPsk)
    const written: Uint8Array[] = []
    generateKey({ write: bytes => written.push(bytes) })
    expect(written.map(decodeKeyFile).map(key => key.byteLength)).toEqual([32])
    expect(toUtf8(written[0]!)).toMatch(/^\/key\/swarm\/psk\/1\.0\.0\/\n\/base16\/\n[0-9a-f]{64}$/)
  })

  it('leaves the rest of an array alone, and refuses one that is too short', () => {
    const array = new Uint8Array(100).fill(7)
    generateKey(array)
    expect([...array.subarray(95)]).toEqual([7, 7, 7, 7, 7])
    expect(() => generateKey(new Uint8Array(94))).toThrow(expect.objectContaining({ name: 'InvalidParametersError' }))
  })
})

function toText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
