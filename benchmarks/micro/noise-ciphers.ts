/**
 * ChaCha20-Poly1305 for noise: `node:crypto` with a KeyObject, WebAssembly and @noble/ciphers, sealing and opening records
 * of each size; a record that spans chunks, in pieces or joined; and records made of small parts.
 *
 *     node --conditions=weft-source benchmarks/micro/noise-ciphers.ts    (Node 24)
 */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { concat } from '@weft/bytes'
import { Bench } from 'tinybench'
import { defaultCrypto } from '../../packages/crypto/noise/src/crypto.node.ts'
import { nobleCrypto } from '../../packages/crypto/noise/src/crypto.noble.ts'
import { openSmall, sealSmall } from '../../packages/crypto/noise/src/small-records.ts'

const key = new Uint8Array(32).fill(1)
const keyObject = createSecretKey(key)
const nonce = new Uint8Array(12)
const bench = new Bench({ time: 300, warmupTime: 100 })

interface Implementation {
  seal(plaintext: Uint8Array): unknown
  open(ciphertext: Uint8Array): unknown
}

const nobleKey = nobleCrypto.cipherKey(key)
const implementations: Record<string, Implementation> = {
  'node:crypto': {
    seal(plaintext) {
      const cipher = createCipheriv('chacha20-poly1305', keyObject, nonce, { authTagLength: 16 })
      const ciphertext = cipher.update(plaintext)
      cipher.final()
      return [ciphertext, cipher.getAuthTag()]
    },
    open(ciphertext) {
      const decipher = createDecipheriv('chacha20-poly1305', keyObject, nonce, { authTagLength: 16 })
      decipher.setAuthTag(ciphertext.subarray(-16))
      const plaintext = decipher.update(ciphertext.subarray(0, -16))
      decipher.final()
      return plaintext
    }
  },
  WebAssembly: {
    seal: plaintext => sealSmall(key, nonce, plaintext),
    open: ciphertext => openSmall(key, nonce, ciphertext)
  },
  noble: {
    seal(plaintext) {
      const out: Uint8Array[] = []
      nobleKey.sealRecord(nonce, [plaintext], plaintext.byteLength, out)
      return out
    },
    open: ciphertext => nobleKey.openRecord(nonce, [ciphertext])
  }
}

function sealed(parts: Uint8Array[], length: number): Uint8Array {
  const out: Uint8Array[] = []
  nobleKey.sealRecord(nonce, parts, length, out)
  return concat(out).subarray(2)
}

for (const size of [32, 256, 1024, 4096, 16_384, 65_519]) {
  const plaintext = new Uint8Array(size).fill(2)
  const record = sealed([plaintext], size)
  for (const [name, { seal, open }] of Object.entries(implementations)) {
    bench.add(`seal ${size}, ${name}`, () => void seal(plaintext))
    bench.add(`open ${size}, ${name}`, () => void open(record))
  }
}

const cipher = defaultCrypto.cipherKey(key)
const record = sealed([new Uint8Array(65_519)], 65_519)
const pieces = [record.subarray(0, 40_000), record.subarray(40_000)]
bench.add('open 65519 in two pieces', () => void cipher.openRecord(nonce, pieces))
bench.add('open 65519 in two pieces, joined first', () => void cipher.openRecord(nonce, [concat(pieces)]))

for (const size of [128, 1024, 16_384]) {
  const parts = Array.from({ length: Math.floor(65_519 / size) }, () => new Uint8Array(size))
  bench.add(`seal ${parts.length} parts of ${size}`, () => {
    cipher.sealRecord(nonce, parts, parts.length * size, [])
  })
}

const pair = defaultCrypto.generateKeyPair()
const remote = defaultCrypto.generateKeyPair()
bench.add('generate a key pair', () => void defaultCrypto.generateKeyPair())
bench.add('key agreement', () => void defaultCrypto.dh(pair, defaultCrypto.importKey(remote.publicKey)))
bench.add('HKDF', () => void defaultCrypto.hkdf(key, key))
bench.add('SHA-256 of 96 bytes', () => void defaultCrypto.hash(new Uint8Array(32), new Uint8Array(64)))

await bench.run()
for (const task of bench.tasks) {
  const { result } = task
  if (result.state !== 'completed') throw new Error(`${task.name} did not complete`)
  console.log(task.name.padEnd(45), (result.latency.p50 * 1000).toFixed(1).padStart(8), 'us')
}
