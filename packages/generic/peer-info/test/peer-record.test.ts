import { concat, fromHex, toHex } from '@weft/bytes'
import { multiaddr } from '@weft/multiaddr'
import { generateKeyPair, peerIdFromPrivateKey, privateKeyFromProtobuf, publicKeyToProtobuf } from '@weft/peer-id'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  maxAddresses,
  maxEnvelopeLength,
  openPeerRecord,
  PeerRecord,
  peerRecordCodec,
  peerRecordDomain,
  RecordEnvelope
} from '../src/index.ts'
import { envelopeMessage, signedBytes } from '../src/core/envelope-message.ts'
import { peerRecordMessage } from '../src/core/peer-record-message.ts'

// The Ed25519 key of specs/peer-ids, "Test vectors".
const privateKey = privateKeyFromProtobuf(
  fromHex(
    '080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e'
  )
)
const peerId = peerIdFromPrivateKey(privateKey)
const multiaddrs = [multiaddr('/ip4/127.0.0.1/tcp/4001'), multiaddr('/ip6/::1/udp/4001/quic-v1')]
const record = new PeerRecord({ peerId, multiaddrs, seqNumber: 1_700_000_000_000n })

// As js-libp2p 3 writes it.
const recordHex = [
  '0a26', // peer id, 38 bytes
  '0024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e',
  '1080d095ffbc31', // seq 1700000000000
  '1a0a0a08047f000001060fa1', // /ip4/127.0.0.1/tcp/4001
  '1a190a17290000000000000000000000000000000191020fa1cd03' // /ip6/::1/udp/4001/quic-v1
].join('')
const envelopeHex = [
  '0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e', // public key
  '12020301', // payload type
  `1a56${recordHex}`, // payload, 86 bytes
  '2a40', // signature, 64 bytes
  'd4916e504cc1bb5fe8476a4edd72a70b930259b949affd59379096fecf7df68a97d46057fd125771e52af5abc2a25a73b55a4f77ec61d31cb4c2aca7b14acf05'
].join('')

describe('peer record', () => {
  it('is written and read as hex', () => {
    expect(toHex(record.marshal())).toBe(recordHex)
    const read = PeerRecord.createFromProtobuf(new Uint8ArrayList(fromHex(recordHex)))
    expect(read.equals(record)).toBe(true)
    expect(read.seqNumber).toBe(1_700_000_000_000n)
    expect(read.multiaddrs.map(String)).toEqual(multiaddrs.map(String))
    expect(read.equals({})).toBe(false)
  })

  it('numbers itself by the clock', () => {
    expect(new PeerRecord({ peerId }).seqNumber).toBeGreaterThan(1_700_000_000_000n)
    expect(new PeerRecord({ peerId }).multiaddrs).toEqual([])
  })

  it('has another number than the one made in the same millisecond, and a higher one', () => {
    const clock = vi.spyOn(Date, 'now').mockReturnValue(2_000_000_000_000)
    onTestFinished(() => clock.mockRestore())
    const numbers = Array.from({ length: 3 }, () => new PeerRecord({ peerId }).seqNumber)
    expect(numbers).toEqual([2_000_000_000_000n, 2_000_000_000_001n, 2_000_000_000_002n])
    clock.mockReturnValue(1_999_999_999_999)
    expect(new PeerRecord({ peerId }).seqNumber).toBe(2_000_000_000_003n)
  })

  it('leaves out addresses that it does not understand', () => {
    const bytes = peerRecordMessage.encode({
      peerId: peerId.toMultihash().bytes,
      seq: 2n ** 64n - 1n,
      addresses: [{ multiaddr: fromHex('ffff03') }, { multiaddr: multiaddrs[0]!.bytes }]
    })
    const read = PeerRecord.createFromProtobuf(bytes)
    expect(read.multiaddrs.map(String)).toEqual(['/ip4/127.0.0.1/tcp/4001'])
    expect([read.unreadable, record.unreadable]).toEqual([1, 0])
    expect(read.seqNumber).toBe(2n ** 64n - 1n)
  })

  it('has a bounded number of addresses', () => {
    const many = Array.from({ length: maxAddresses + 1 }, (_, i) => multiaddr(`/ip4/10.0.0.${i}/tcp/1`))
    expect(() => new PeerRecord({ peerId, multiaddrs: many })).toThrow('at most 64')
    const address = fromHex('1a0a0a08047f000001060fa1')
    const bytes = concat([fromHex(recordHex), ...Array.from({ length: maxAddresses - 1 }, () => address)])
    expect(() => PeerRecord.createFromProtobuf(bytes)).toThrow(expect.objectContaining({ name: 'InvalidMessageError' }))
  })
})

describe('envelope', () => {
  it('is written and read as hex', async () => {
    const envelope = await RecordEnvelope.seal(record, privateKey)
    expect(toHex(envelope.marshal())).toBe(envelopeHex)
    const opened = await RecordEnvelope.openAndCertify(fromHex(envelopeHex), peerRecordDomain)
    expect(opened.equals(envelope)).toBe(true)
    expect(opened.equals(undefined)).toBe(false)
    expect(toHex(opened.payloadType)).toBe('0301')
  })

  it.each(['Ed25519', 'secp256k1', 'RSA', 'ECDSA'])('is sealed and opened with %s keys', async type => {
    const key = await generateKeyPair(type as 'RSA')
    const own = new PeerRecord({ peerId: peerIdFromPrivateKey(key), multiaddrs })
    const envelope = await RecordEnvelope.seal(own, key)
    const opened = await openPeerRecord(envelope.marshal(), { expectedPeer: own.peerId })
    expect(opened.record.equals(own)).toBe(true)
    expect(opened.peerId.publicKey?.equals(key.publicKey)).toBe(true)
  })

  it('keeps its own copy', () => {
    const bytes = fromHex(envelopeHex)
    const envelope = RecordEnvelope.createFromProtobuf(bytes)
    bytes.fill(0)
    expect(toHex(envelope.marshal())).toBe(envelopeHex)
  })

  it('separates domains', async () => {
    await expect(RecordEnvelope.openAndCertify(fromHex(envelopeHex), 'libp2p-relay-rsvp')).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidSignatureError', code: 'ERR_INVALID_SIGNATURE' })
    )
    // Moving a byte from one part to the next changes what is signed.
    expect(toHex(signedBytes('ab', fromHex('63'), fromHex('64')))).toBe('02616201630164')
    expect(toHex(signedBytes('a', fromHex('6263'), fromHex('64')))).toBe('01610262630164')
  })

  it('refuses more than 8 KiB before it reads', () => {
    expect(() => RecordEnvelope.createFromProtobuf(new Uint8Array(maxEnvelopeLength + 1))).toThrow(
      expect.objectContaining({ name: 'InvalidMessageError' })
    )
  })

  it('refuses every changed byte', async () => {
    const bytes = fromHex(envelopeHex)
    for (let i = 0; i < bytes.byteLength; i++) {
      const changed = Uint8Array.from(bytes)
      changed[i]! ^= 1 << (i % 8)
      await expect(openPeerRecord(changed), `byte ${i}`).rejects.toThrow()
    }
  })

  it('gives typed errors only', async () => {
    const names = [
      'InvalidMessageError',
      'InvalidPublicKeyError',
      'InvalidSignatureError',
      'UnexpectedPeerError',
      'UnsupportedKeyTypeError'
    ]
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 0, max: envelopeHex.length / 2 }).map(end => fromHex(envelopeHex).subarray(0, end))
    )
    await fc.assert(
      fc.asyncProperty(input, async bytes => {
        const error = await openPeerRecord(bytes).catch(cause => cause)
        if (error instanceof Error) expect(names).toContain(error.name)
      })
    )
  })
})

describe('a signed peer record', () => {
  const seal = async (key: typeof privateKey, payloadType: Uint8Array, payload: Uint8Array): Promise<Uint8Array> =>
    envelopeMessage.encode({
      publicKey: publicKeyToProtobuf(key.publicKey),
      payloadType,
      payload,
      signature: await key.sign(signedBytes(peerRecordDomain, payloadType, payload))
    })

  it('is refused of anyone but its peer', async () => {
    // envelope-key-mismatch of the attack vectors
    const other = await generateKeyPair('Ed25519')
    await expect(openPeerRecord(await seal(other, peerRecordCodec, record.marshal()))).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidSignatureError', code: 'ERR_ENVELOPE_KEY_MISMATCH' })
    )
  })

  it('is refused of another peer than the expected', async () => {
    const expectedPeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    await expect(openPeerRecord(fromHex(envelopeHex), { expectedPeer })).rejects.toThrow(
      expect.objectContaining({ name: 'UnexpectedPeerError', actual: peerId.toString() })
    )
  })

  it('is verified before its payload is deserialized', async () => {
    const garbage = fromHex('ffffff')
    const signed = await seal(privateKey, peerRecordCodec, garbage)
    await expect(openPeerRecord(signed)).rejects.toMatchObject({ name: 'InvalidMessageError' })
    // Anyone may have made what is not signed: nothing is said of what is in it.
    signed[signed.byteLength - 1]! ^= 1
    const read = vi.spyOn(PeerRecord, 'createFromProtobuf')
    onTestFinished(() => read.mockRestore())
    await expect(openPeerRecord(signed)).rejects.toMatchObject({ name: 'InvalidSignatureError' })
    expect(read).not.toHaveBeenCalled()
  })

  it('is refused under another payload type', async () => {
    await expect(openPeerRecord(await seal(privateKey, fromHex('0302'), record.marshal()))).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidMessageError' })
    )
  })
})

describe('an envelope whose payload has no type', () => {
  it('is read, and is none of a peer record, however well it is signed', async () => {
    const payload = record.marshal()
    const payloadType = new Uint8Array(0)
    const signature = await privateKey.sign(signedBytes(peerRecordDomain, payloadType, payload))
    const publicKey = publicKeyToProtobuf(privateKey.publicKey)
    const bytes = envelopeMessage.encode({ publicKey, payloadType, payload, signature })
    const envelope = await RecordEnvelope.openAndCertify(bytes, peerRecordDomain)
    expect(envelope.payloadType.byteLength).toBe(0)
    await expect(openPeerRecord(bytes)).rejects.toMatchObject({ name: 'InvalidMessageError' })
  })
})
