export const DATA: 0
export const WINDOW: 1
export const PING: 2
export const GO_AWAY: 3
export const SYN: 1
export const ACK: 2
export const FIN: 4
export const RST: 8
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
