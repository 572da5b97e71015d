// Yamux frames by hand: any field, any flag.
import { concat } from '@weft/bytes'

export const DATA = 0
export const WINDOW = 1
export const PING = 2
export const GO_AWAY = 3
export const SYN = 1
export const ACK = 2
export const FIN = 4
export const RST = 8

export const INITIAL_WINDOW = 256 * 1024

/** `body` is a payload, or a number for the length field alone. */
export function frame(type, flags, id, body) {
  const header = new Uint8Array(12)
  const view = new DataView(header.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, id)
  view.setUint32(8, typeof body === 'number' ? body : body.byteLength)
  return typeof body === 'number' ? header : concat([header, body])
}

/** Writes header after header into one buffer: a million frames cost the attacker little. */
export function headers(count, fill) {
  const bytes = new Uint8Array(12 * count)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < count; i++) {
    const { type, flags, id, length = 0 } = fill(i)
    view.setUint8(12 * i + 1, type)
    view.setUint16(12 * i + 2, flags)
    view.setUint32(12 * i + 4, id)
    view.setUint32(12 * i + 8, length)
  }
  return bytes
}

/** All whole frames in the bytes, and how many bytes they take. */
export function parseFrames(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames = []
  let at = 0
  while (at + 12 <= bytes.byteLength) {
    const type = view.getUint8(at + 1)
    const length = view.getUint32(at + 8)
    const end = at + 12 + (type === DATA ? length : 0)
    if (end > bytes.byteLength) break
    const payload = bytes.subarray(at + 12, end)
    frames.push({ type, flags: view.getUint16(at + 2), id: view.getUint32(at + 4), length, payload })
    at = end
  }
  return { frames, end: at }
}

/** Parses what comes in pieces and calls `onFrame({ type, flags, id, length, payload })`, when all of a frame is there. */
export class FrameReader {
  #onFrame
  #rest = new Uint8Array(0)

  constructor(onFrame) {
    this.#onFrame = onFrame
  }

  push(chunk) {
    const bytes = this.#rest.byteLength === 0 ? chunk : concat([this.#rest, chunk])
    const { frames, end } = parseFrames(bytes)
    this.#rest = new Uint8Array(bytes.subarray(end))
    for (const frame of frames) this.#onFrame(frame)
  }
}
