/**
 * ChaCha20-Poly1305 for noise: `node:crypto` with a KeyObject against @noble/ciphers, sealing and opening records of each
 * size; a record that spans chunks, in pieces or joined; and records made of small parts.
 *
 *     node --conditions=weft-source benchmarks/micro/noise-ciphers.ts    (Node 24)
 */
import { concat } from '@weft/bytes'
import { Bench } from 'tinybench'
import { CipherState } from '../../packages/crypto/noise/src/core/cipher-state.ts'
import type { NoiseCrypto } from '../../packages/crypto/noise/src/core/crypto.ts'
import { defaultCrypto } from '../../packages/crypto/noise/src/crypto.node.ts'
import { nobleCrypto } from '../../packages/crypto/noise/src/crypto.noble.ts'

const key = new Uint8Array(32).fill(1)
const nonce = new Uint8Array(12)
const bench = new Bench({ time: 300, warmupTime: 100 })
const implementations: [string, NoiseCrypto][] = [
  ['node:crypto', defaultCrypto],
  ['noble', nobleCrypto]
]

function sealed(parts: Uint8Array[], length: number): Uint8Array {
  const out: Uint8Array[] = []
  nobleCrypto.cipherKey(key).sealRecord(nonce, parts, length, out)
  return concat(out).subarray(2)
}

for (const size of [32, 256, 1024, 4096, 16_384, 65_519]) {
  const plaintext = new Uint8Array(size).fill(2)
  const ciphertext = sealed([plaintext], size)
  for (const [name, crypto] of implementations) {
    const state = new CipherState(crypto.cipherKey(key))
    const cipher = crypto.cipherKey(key)
    bench.add(`seal ${size}, ${name}`, () => state.sealRecord([plaintext], size, []))
    bench.add(`open ${size}, ${name}`, () => {
      cipher.openRecord(nonce, [ciphertext.subarray(0, size)], ciphertext.subarray(size))
    })
  }
}

const cipher = defaultCrypto.cipherKey(key)
const record = sealed([new Uint8Array(65_519)], 65_519)
const [pieces, tag] = [[record.subarray(0, 40_000), record.subarray(40_000, 65_519)], record.subarray(65_519)]
bench.add('open 65519 in two pieces', () => void cipher.openRecord(nonce, pieces, tag))
bench.add('open 65519 in two pieces, joined first', () => void cipher.openRecord(nonce, [concat(pieces)], tag))

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
bench.add('SHA-256 of 96 bytes', () => void defaultCrypto.hash(new Uint8Array(96)))

await bench.run()
for (const task of bench.tasks) {
  const { result } = task
  if (result.state !== 'completed') throw new Error(`${task.name} did not complete`)
  console.log(task.name.padEnd(45), (result.latency.p50 * 1000).toFixed(1).padStart(8), 'us')
}
