/** The eight bytes before every frame, and control frames (SPDY/3.1, sections 2.2 and 2.6): all fields big-endian. */
import { SpdyError } from '../errors.ts'

/** Bytes of a header. */
export const headerLength: number = 8

export const typeSynStream: number = 1
export const typeSynReply: number = 2
export const typeRstStream: number = 3
export const typeSettings: number = 4
export const typePing: number = 6
export const typeGoAway: number = 7
export const typeHeaders: number = 8
export const typeWindowUpdate: number = 9

export const flagFin: number = 1
/** Of SYN_STREAM: the receiver may not send. */
export const flagUnidirectional: number = 2

/** Reasons of a reset (section 2.6.3). */
export const resetRefused: number = 3
export const resetCancel: number = 5

/** Reasons of the end of a session (section 2.6.6). */
export const goAwayOk: number = 0
export const goAwayProtocolError: number = 1

/** Settings that have a meaning here (section 2.6.4). */
const settingMaxStreams = 4
export const settingInitialWindow: number = 7

/** Credit that a stream and a session have until the remote says otherwise (section 2.6.8). */
export const initialWindow: number = 64 * 1024
export const maxWindow: number = 2 ** 31 - 1
export const lastStreamId: number = 2 ** 31 - 1

const spdyVersion = 3
const persistValue = 0x01000000

export interface Header {
  /** Of a control frame; 0 for data. */
  type: number
  /** Of data. */
  streamId: number
  flags: number
  /** Bytes that follow. */
  length: number
}

// Headers are cut from slabs: one allocation serves hundreds.
const slabLength = 512 * headerLength
let slab = new Uint8Array(slabLength)
let slabUsed = 0

/** The header of a data frame, as a fresh view. */
export function encodeDataHeader(streamId: number, flags: number, length: number): Uint8Array<ArrayBuffer> {
  if (slabUsed === slabLength) {
    slab = new Uint8Array(slabLength)
    slabUsed = 0
  }
  const view = slab.subarray(slabUsed, slabUsed + headerLength)
  slabUsed += headerLength
  writeUint32(view, 0, streamId)
  writeUint32(view, 4, length)
  view[4] = flags
  return view
}

/** A control frame: words of four bytes, and what is behind them. */
export function encodeControl(
  type: number,
  flags: number,
  words: readonly number[],
  tail: Uint8Array = new Uint8Array(0)
): Uint8Array<ArrayBuffer> {
  const length = 4 * words.length + tail.byteLength
  const frame = new Uint8Array(headerLength + length)
  writeUint32(frame, 0, 0x80000000 + spdyVersion * 0x10000 + type)
  writeUint32(frame, 4, length)
  frame[4] = flags
  for (const [i, word] of words.entries()) writeUint32(frame, headerLength + 4 * i, word)
  frame.set(tail, headerLength + 4 * words.length)
  return frame
}

/** A SYN_STREAM (section 2.6.1). */
export function encodeSynStream(streamId: number, block: Uint8Array): Uint8Array<ArrayBuffer> {
  const tail = new Uint8Array(2 + block.byteLength)
  // Priority 3 of 0 to 7, and no slot for a certificate.
  tail[0] = 0x60
  tail.set(block, 2)
  return encodeControl(typeSynStream, 0, [streamId, 0], tail)
}

/** A SETTINGS with one entry, to be kept for the next connection as early js-libp2p asks (section 2.6.4). */
export function encodeSetting(id: number, value: number): Uint8Array<ArrayBuffer> {
  return encodeControl(typeSettings, 0, [1, persistValue + id, value])
}

/** The settings that have a meaning here. */
export interface Settings {
  /** Streams that this side may have open at once. */
  maxStreams?: number
  /** Bytes that each stream may send before there is credit. */
  window?: number
}

/**
 * Reads a SETTINGS. Of an id that comes again the first value counts (section 2.6.4), so that a frame changes a window once.
 * Throws `SpdyError` for one that has not as many entries as it says.
 */
export function decodeSettings(body: Uint8Array): Settings {
  checkLength(body, 4)
  const end = 4 + 8 * readUint32(body, 0)
  checkLength(body, end, end)
  const settings: Settings = {}
  for (let at = 4; at < end; at += 8) {
    const id = readUint32(body, at) & 0xffffff
    const value = readUint32(body, at + 4)
    if (id === settingInitialWindow) settings.window ??= value
    else if (id === settingMaxStreams) settings.maxStreams ??= value
  }
  return settings
}

/** Throws `SpdyError` for a control frame that is shorter or longer than its type allows. */
export function checkLength(body: Uint8Array, minimum: number, maximum: number = Number.POSITIVE_INFINITY): void {
  const length = body.byteLength
  if (length >= minimum && length <= maximum) return
  throw new SpdyError('ERR_SPDY_LENGTH', `a control frame of ${length} bytes is not what its type has`, { length })
}

/** Reads the header at `offset` into `into`; its eight bytes are there. Throws `SpdyError` for another version of SPDY. */
export function decodeHeader(bytes: Uint8Array, offset: number, into: Header): void {
  const first = readUint32(bytes, offset)
  const second = readUint32(bytes, offset + 4)
  into.flags = second >>> 24
  into.length = second & 0xffffff
  into.type = 0
  into.streamId = first
  if (first < 0x80000000) return
  const version = (first >>> 16) & 0x7fff
  if (version !== spdyVersion) throw new SpdyError('ERR_SPDY_VERSION', `unknown version ${version}`, { version })
  into.type = first & 0xffff
  into.streamId = 0
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** A number whose highest bit is reserved: stream ids and credit. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) & 0x7fffffff
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
