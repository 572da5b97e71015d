import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'

/**
 * Under this an upgrader has its `InboundAdmission`, if it has one. It belongs to weft: upgraders of others have none, and
 * their listeners find out in `upgradeInbound`.
 */
export const admissionSymbol: unique symbol = Symbol.for('@weft/admission')

/** Asked by a listener as soon as it has accepted, before it makes anything of the socket. */
export interface InboundAdmission {
  /**
   * Takes a place for a connection from that IP address, as text; `undefined` where the remote has none. Returns
   * `undefined` if there is none to have: the socket is then destroyed at once.
   */
  admit(ip: string | undefined): InboundTicket | undefined
}

/** The place of one connection. Exactly one of `carry` and `release` is called. */
export interface InboundTicket {
  /** Set to be told when the place is taken away before `carry`. What is there of the connection is then broken off. */
  onEvicted: ((error: Error) => void) | undefined
  /** The connection that has the place from now on. It gives it back when it closes, and is aborted if it loses it. */
  carry(connection: MultiaddrConnection): void
  /** Nothing came of it. */
  release(): void
}

/** The admission of an upgrader, if it has one. */
export function admissionOf(upgrader: Upgrader): InboundAdmission | undefined {
  return (upgrader as Upgrader & { [admissionSymbol]?: InboundAdmission })[admissionSymbol]
}

/** The place of a connection where nobody limits their number. */
export const freeTicket: InboundTicket = Object.freeze({ onEvicted: undefined, carry() {}, release() {} })
