// Sending and receiving on a stream by its events alone, so that no implementation's helpers are part of a test.
import { createHash } from 'node:crypto'

/** Resolves when the stream takes more; rejects when it closed instead. */
export function drained(stream) {
  if (stream.writableNeedsDrain === false) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const done = event => {
      stream.removeEventListener('drain', done)
      stream.removeEventListener('close', done)
      if (event.type === 'drain') resolve()
      else reject(event.error ?? new Error('the stream closed while it was being written'))
    }
    stream.addEventListener('drain', done)
    stream.addEventListener('close', done)
  })
}

/** Sends every chunk, waiting whenever the stream asks for it. */
export async function sendAll(stream, chunks) {
  for (const chunk of chunks) {
    if (!stream.send(chunk)) await drained(stream)
  }
}

/** Calls `onBytes` with each piece; resolves at the remote's end of writing, rejects if the stream ends by an error. */
export function receive(stream, onBytes) {
  return new Promise((resolve, reject) => {
    const onMessage = event => {
      for (const piece of event.data instanceof Uint8Array ? [event.data] : event.data) onBytes(piece)
    }
    const finish = error => {
      stream.removeEventListener('message', onMessage)
      stream.removeEventListener('remoteCloseWrite', onEnd)
      stream.removeEventListener('close', onEnd)
      if (error === undefined) resolve()
      else reject(error)
    }
    const onEnd = event => finish(event?.error)
    // listeners that come late still get what is buffered, but no second event for an end that already was
    const endIfOver = () => {
      if (stream.remoteWriteStatus === 'writable') return
      if (stream.readBufferLength > 0) setImmediate(endIfOver)
      else finish()
    }
    stream.addEventListener('message', onMessage)
    stream.addEventListener('remoteCloseWrite', onEnd)
    stream.addEventListener('close', onEnd)
    setImmediate(endIfOver)
  })
}

/** Resolves with the name of the error that ended the stream, or with 'closed' when it ended without one. */
export function ended(stream) {
  return new Promise(resolve => {
    const over = { closed: 'closed', aborted: 'aborted', reset: 'StreamResetError' }[stream.status]
    if (over !== undefined) resolve(over)
    stream.addEventListener('close', event => resolve(event.error?.name ?? 'closed'))
  })
}

/** `total` bytes in chunks of 64 KiB that all differ. */
export function* pattern(total, seed = 0) {
  const size = 65_536
  for (let offset = 0; offset < total; offset += size) {
    const chunk = new Uint8Array(Math.min(size, total - offset)).fill(seed + offset / size)
    if (chunk.length >= 8) new DataView(chunk.buffer).setFloat64(0, seed * 1e9 + offset)
    yield chunk
  }
}

export class Digest {
  bytes = 0
  #hash = createHash('sha256')

  update(piece) {
    this.bytes += piece.length
    this.#hash.update(piece)
    return piece
  }

  result() {
    return { bytes: this.bytes, sha256: this.#hash.digest('hex') }
  }
}

/** Passes chunks on while hashing them. */
export function* hashed(chunks, digest) {
  for (const chunk of chunks) yield digest.update(chunk)
}

/** Reads to the remote's end of writing and returns `{ bytes, sha256 }`. */
export async function receiveDigest(stream) {
  const digest = new Digest()
  await receive(stream, piece => digest.update(piece))
  return digest.result()
}

/** Sends `total` bytes of the pattern, closes the writing side, and returns `{ bytes, sha256 }`. */
export async function sendDigest(stream, total, seed) {
  const digest = new Digest()
  await sendAll(stream, hashed(pattern(total, seed), digest))
  await stream.close()
  return digest.result()
}
