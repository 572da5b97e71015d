export const DATA: number
export const WINDOW: number
export const PING: number
export const GO_AWAY: number
export const SYN: number
export const ACK: number
export const FIN: number
export const RST: number
export const INITIAL_WINDOW: number

export interface Frame {
  type: number
  flags: number
  id: number
  /** The length field. */
  length: number
  /** Of data; empty of other frames. */
  payload: Uint8Array
}

/** `body` is a payload, or a number for the length field alone. */
export function frame(type: number, flags: number, id: number, body: Uint8Array | number): Uint8Array<ArrayBuffer>
/** Writes header after header into one buffer. */
export function headers(
  count: number,
  fill: (i: number) => { type: number; flags: number; id: number; length?: number }
): Uint8Array<ArrayBuffer>
/** All whole frames in the bytes, and how many bytes they take. */
export function parseFrames(bytes: Uint8Array): { frames: Frame[]; end: number }
/** Parses what comes in pieces; a frame is given when all of it is there. */
export class FrameReader {
  constructor(onFrame: (frame: Frame) => void)
  push(chunk: Uint8Array): void
}
