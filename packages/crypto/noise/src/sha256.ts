/**
 * SHA-256 and HKDF by noble's hashers, which are made once and set back for each call: a handshake would make forty, each
 * with a buffer and a view for the garbage collector. All of it is synchronous, so that no two calls meet.
 */
import { sha256 } from '@noble/hashes/sha2.js'

const blockLength = 64

const fresh = sha256.create()
const work = sha256.create()
// HMAC after its key: what every message under that key begins with (RFC 2104, section 4).
const inner = sha256.create()
const outer = sha256.create()
const pad = new Uint8Array(blockLength)

const empty = new Uint8Array(0)
const one = Uint8Array.of(1)
const two = Uint8Array.of(2)

/** The hash of `head` and what follows it. */
export function hash(head: Uint8Array, tail: Uint8Array = empty): Uint8Array {
  return fresh._cloneInto(work).update(head).update(tail).digest()
}

/** The first two outputs of HKDF without `info` (RFC 5869), which is Noise's HKDF: 32 bytes each. `salt`: up to 64 bytes. */
export function hkdf(salt: Uint8Array, input: Uint8Array): readonly [Uint8Array, Uint8Array] {
  useKey(salt)
  const key = hmac(input)
  useKey(key)
  const first = hmac(one)
  const second = hmac(first, two)
  key.fill(0)
  inner.destroy()
  outer.destroy()
  return [first, second]
}

function useKey(key: Uint8Array): void {
  pad.set(key)
  for (let i = 0; i < blockLength; i++) pad[i]! ^= 0x36
  fresh._cloneInto(inner).update(pad)
  for (let i = 0; i < blockLength; i++) pad[i]! ^= 0x36 ^ 0x5c
  fresh._cloneInto(outer).update(pad)
  pad.fill(0)
}

function hmac(head: Uint8Array, tail: Uint8Array = empty): Uint8Array {
  // digest() wipes the hasher that it ends.
  const digest = inner._cloneInto(work).update(head).update(tail).digest()
  return outer._cloneInto(work).update(digest).digest()
}
