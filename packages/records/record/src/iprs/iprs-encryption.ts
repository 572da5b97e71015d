/** The Encryption object: the value is for those who have a key, while anybody can store and verify the record. */
import type { AbortOptions } from '@libp2p/interface'
import { concat, fromUtf8 } from '@weft/bytes'
import { InvalidParametersError, throwIfAborted } from '@weft/errors'
import { InvalidRecordError } from '@weft/interface-record-store'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { decodeEncryptionObject, encodeEncryptionObject } from '../core/iprs-objects.ts'
import { blockOf, cidLength, type IprsBlock, isBlock, isOwnForm } from './iprs-block.ts'
import { type IprsRecord, objectOf } from './iprs-bundle.ts'

const algorithm = 'AES-256-GCM'
const keyLength = 32
const nonceLength = 12
const context = fromUtf8('libp2p-iprs-encryption')

/**
 * Encrypts a value under a key of 32 bytes, with a random nonce: at most 2^32 values under one key. Gives the Encryption
 * object and the encrypted bytes, as `createIprsRecord` takes them.
 */
export async function encryptIprsValue(
  key: Uint8Array,
  value: IprsBlock,
  options: AbortOptions = {}
): Promise<readonly IprsBlock[]> {
  if (!isOwnForm(value.cid)) throw new InvalidParametersError('the value is a block of iprsValue')
  const nonce = crypto.getRandomValues(new Uint8Array(nonceLength))
  const secret = await importKey(key, 'encrypt')
  const plain = concat([value.cid.bytes, value.bytes])
  const data = blockOf(new Uint8Array(await crypto.subtle.encrypt(parametersOf(nonce), secret, plain)), raw.code)
  throwIfAborted(options.signal)
  return [blockOf(encodeEncryptionObject({ algorithm, nonce, data: data.cid })), data]
}

/**
 * The block of the value that was encrypted. Rejects with `InvalidRecordError` where the record has no such value, or the
 * key is another one.
 */
export async function decryptIprsValue(
  key: Uint8Array,
  record: IprsRecord,
  options: AbortOptions = {}
): Promise<IprsBlock> {
  const secret = await importKey(key, 'decrypt')
  try {
    const encryption = decodeEncryptionObject(objectOf(record, record.value) ?? new Uint8Array(0))
    const data = objectOf(record, encryption.data)
    if (encryption.algorithm !== algorithm || encryption.nonce.byteLength !== nonceLength) {
      throw new Error('the algorithm is unknown')
    }
    if (data === undefined) throw new Error('the encrypted bytes did not come with the record')
    const nonce = new Uint8Array(encryption.nonce)
    const plain = new Uint8Array(await crypto.subtle.decrypt(parametersOf(nonce), secret, new Uint8Array(data)))
    const block = { cid: CID.decode(plain.subarray(0, cidLength)), bytes: plain.subarray(cidLength) }
    if (!isBlock(block)) throw new Error('the value has another hash')
    return block
  } catch (cause) {
    throw new InvalidRecordError('ERR_INVALID_RECORD', 'the value cannot be decrypted', { cause })
  } finally {
    throwIfAborted(options.signal)
  }
}

function parametersOf(iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: context }
}

async function importKey(key: Uint8Array, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  if (key.byteLength !== keyLength) throw new InvalidParametersError(`a key has ${keyLength} bytes`)
  return crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, [use])
}
