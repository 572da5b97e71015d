import type { PacketType } from './packet.ts'
import { after, distance } from './sequence.ts'

/** A packet that was sent and not acknowledged. */
export interface SentPacket {
  readonly sequence: number
  readonly type: PacketType
  readonly payload: Uint8Array
  sentAt: number
  /** How often it was sent. */
  sent: number
  /** Whether it counts as in flight: not while it waits to be sent again. */
  inFlight: boolean
  /** A SACK named it. */
  selective: boolean
  /** SACKs that named three later packets have had it sent again. */
  recovered: boolean
}

/** Packets by number, from the oldest that is not acknowledged. */
export class Unacknowledged {
  private readonly _packets: SentPacket[] = []
  private _flight = 0

  /** Packets, those of a SACK included. */
  get size(): number {
    return this._packets.length
  }

  /** Bytes in flight; a packet without payload counts as one, so that it is not sent beyond bounds. */
  get flight(): number {
    return this._flight
  }

  /** The oldest one. */
  get oldest(): SentPacket | undefined {
    return this._packets[0]
  }

  add(packet: SentPacket): void {
    this._packets.push(packet)
    if (packet.inFlight) this._flight += weight(packet)
  }

  /** Takes those up to `acknowledgement`, and calls back with each. */
  acknowledge(acknowledgement: number, onPacket: (packet: SentPacket) => void): void {
    let count = 0
    for (const packet of this._packets) {
      if (distance(packet.sequence, acknowledgement) < 0) break
      count++
      this.setInFlight(packet, false)
      onPacket(packet)
    }
    this._packets.splice(0, count)
  }

  /** Marks what a SACK names, and calls back with what is new. Returns how many it names. */
  select(acknowledgement: number, sack: Uint8Array, onPacket: (packet: SentPacket) => void): number {
    let named = 0
    const first = after(acknowledgement, 2)
    for (const packet of this._packets) {
      const bit = distance(first, packet.sequence)
      if (bit < 0) continue
      if (bit >= sack.byteLength * 8) break
      if ((sack[bit >> 3]! & (1 << (bit & 7))) === 0) continue
      named++
      if (packet.selective) continue
      packet.selective = true
      this.setInFlight(packet, false)
      onPacket(packet)
    }
    return named
  }

  /** The packets before the third last that a SACK named, each once: they are taken for lost. */
  *lost(): Iterable<SentPacket> {
    let later = 0
    for (let at = this._packets.length - 1; at >= 0; at--) {
      const packet = this._packets[at]!
      if (packet.selective) later++
      else if (later >= 3 && !packet.recovered) yield packet
    }
  }

  /** The packets that wait to be sent again, oldest first. */
  next(): SentPacket | undefined {
    return this._packets.find(packet => !packet.inFlight && !packet.selective)
  }

  /** All that is in flight is taken for lost. */
  loseAll(): void {
    for (const packet of this._packets) this.setInFlight(packet, false)
  }

  setInFlight(packet: SentPacket, inFlight: boolean): void {
    if (packet.inFlight === inFlight) return
    packet.inFlight = inFlight
    this._flight += inFlight ? weight(packet) : -weight(packet)
  }
}

function weight({ payload }: SentPacket): number {
  return Math.max(1, payload.byteLength)
}
