/** What somebody on the way can do to a message of a channel. */
import type { Random } from '@weft/testkit'

/** Whose message it is: the dialer's or the listener's. */
export type Side = 'dialer' | 'listener'

/** What is done, each a word with its meaning beside it. */
export const faultKinds = [
  'flip', // a bit is changed
  'cut', // the message is cut off, and the connection ends
  'silence', // the message is cut off, and nothing more comes
  'drop', // the message is left out
  'repeat', // the message comes twice
  'swap', // the message comes behind the next one
  'replay', // the same message of an earlier connection of these peers comes instead
  'impersonate', // the same message of a peer with another identity comes instead
  'reflect' // the message comes back to its sender
] as const

/** One of `faultKinds`. */
export type FaultKind = (typeof faultKinds)[number]

/** One thing that happens to one message. */
export interface ChannelFault {
  /** What is done. */
  readonly kind: FaultKind
  /** To whose message. */
  readonly side: Side
  /** Which of the messages of that side, from 0. */
  readonly index: number
  /** Where a bit is changed or the message is cut, as a part of its length: 0 to less than 1. */
  readonly where: number
  /** Which bit of the byte is changed. */
  readonly bit: number
}

/** How the bytes of a channel fall into messages. */
export interface ChannelFraming {
  /** Bytes of the first message, with its length, once that can be told; `index` says which message of its side it is. */
  readonly measure: (bytes: Uint8Array, index: number) => number | undefined
  /**
   * Bytes that receivers have to ignore, such as versions of the past, and where a change may go unnoticed.
   * @default none
   */
  readonly isIgnored?: (message: Uint8Array, at: number) => boolean
}

/** The messages of each side in one connection. */
export type Recording = Readonly<Record<Side, readonly Uint8Array[]>>

/** What becomes of a message. */
export interface Passage {
  /** What comes in its place. */
  readonly onward: readonly Uint8Array[]
  /** What its sender gets. */
  readonly back?: Uint8Array
  /** What the receiver gets behind that: the rest, the end, or nothing any more. @default 'rest' */
  readonly then?: 'rest' | 'end' | 'silence'
}

/** Other connections to take messages from. */
export interface Recordings {
  readonly earlier: Recording
  readonly impostor: Recording
}

/** A fault of one message, at a random place of it. */
export function faultAt(kind: FaultKind, side: Side, index: number, random: Random): ChannelFault {
  return { kind, side, index, where: random.next(), bit: random.integer(8) }
}

/** Who gets what a side sends. */
export function opposite(side: Side): Side {
  return side === 'dialer' ? 'listener' : 'dialer'
}

/** What a fault makes of its message. A message that is swapped is held by the caller. */
export function strike(fault: ChannelFault, message: Uint8Array, framing: ChannelFraming, other: Recordings): Passage {
  const { kind, side, index } = fault
  switch (kind) {
    case 'flip':
      return { onward: [flipped(fault, message, framing)] }
    case 'cut':
    case 'silence':
      return {
        onward: [message.subarray(0, 1 + Math.floor(fault.where * (message.byteLength - 1)))],
        then: kind === 'cut' ? 'end' : 'silence'
      }
    case 'repeat':
      return { onward: [message, message] }
    case 'replay':
      return { onward: [other.earlier[side][index]!] }
    case 'impersonate':
      return { onward: [other.impostor[side][index]!] }
    case 'reflect':
      return { onward: [], back: message }
    default:
      return { onward: [] }
  }
}

function flipped({ where, bit }: ChannelFault, message: Uint8Array, { isIgnored }: ChannelFraming): Uint8Array {
  const places = [...message.keys()].filter(at => isIgnored?.(message, at) !== true)
  const at = places[Math.floor(where * places.length)]!
  return message.with(at, message[at]! ^ (1 << bit))
}
