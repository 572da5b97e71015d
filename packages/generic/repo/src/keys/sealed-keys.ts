/** Seals private keys with a passphrase: scrypt (RFC 7914) for the key of AES-256-GCM. */
import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from 'node:crypto'
import { concat } from '@weft/bytes'
import {
  associatedData,
  decodeKeyFile,
  encodeKeyFile,
  nonceLength,
  type ScryptCost,
  saltLength,
  tagLength
} from '../core/key-file.ts'
import { WrongPassphraseError } from '../errors.ts'

const cipher = 'aes-256-gcm'
const secretLength = 32
// A folder of files from elsewhere may bring a salt each: what was derived for them is kept for so many.
const maxSecrets = 16

/** Seals and opens. What was derived from the passphrase is kept, so that a second key costs no second scrypt. */
export class SealedKeys {
  private readonly _passphrase: string
  private readonly _cost: ScryptCost
  private readonly _secrets = new Map<string, Promise<Uint8Array>>()
  private readonly _salt = randomBytes(saltLength)

  constructor(passphrase: string, cost: ScryptCost) {
    this._passphrase = passphrase
    this._cost = cost
  }

  /** The bytes of the key's file. */
  async seal(name: string, key: Uint8Array): Promise<Uint8Array> {
    const secret = await this._secret(this._cost, this._salt)
    const nonce = randomBytes(nonceLength)
    const sealing = createCipheriv(cipher, secret, nonce)
    sealing.setAAD(associatedData(this._cost, this._salt, name))
    const sealed = concat([sealing.update(key), sealing.final(), sealing.getAuthTag()])
    return encodeKeyFile({ cost: this._cost, salt: this._salt, nonce, sealed })
  }

  /** The key; rejects with `WrongPassphraseError` where the passphrase is another one, or the file was changed. */
  async open(name: string, bytes: Uint8Array): Promise<Uint8Array> {
    const file = decodeKeyFile(bytes)
    if (file === undefined) throw new WrongPassphraseError(name)
    const { cost, salt, nonce, sealed } = file
    const opening = createDecipheriv(cipher, await this._secret(cost, salt), nonce)
    opening.setAAD(associatedData(cost, salt, name))
    opening.setAuthTag(sealed.subarray(-tagLength))
    try {
      return concat([opening.update(sealed.subarray(0, -tagLength)), opening.final()])
    } catch {
      throw new WrongPassphraseError(name)
    }
  }

  private async _secret(cost: ScryptCost, salt: Uint8Array): Promise<Uint8Array> {
    const id = [cost.logN, cost.r, cost.p, Buffer.from(salt).toString('hex')].join()
    let secret = this._secrets.get(id)
    if (secret === undefined) {
      secret = derive(this._passphrase, salt, cost)
      this._secrets.set(id, secret)
      for (const oldest of this._secrets.keys()) {
        if (this._secrets.size <= maxSecrets) break
        this._secrets.delete(oldest)
      }
    }
    return secret
  }
}

async function derive(passphrase: string, salt: Uint8Array, { logN, r, p }: ScryptCost): Promise<Uint8Array> {
  const N = 2 ** logN
  // scrypt holds 128 * N * r bytes, and a little for itself.
  const options: ScryptOptions = { N, r, p, maxmem: 128 * N * r + 1024 * 1024 * (r * p + 1) }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, secretLength, options, (error, secret) => {
      if (error === null) resolve(secret)
      else reject(error)
    })
  })
}
