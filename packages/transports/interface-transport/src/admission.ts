import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'

/**
 * The symbol of an upgrader's `InboundAdmission`, an extension of weft: with foreign upgraders, admission is decided in
 * `upgradeInbound`.
 */
export const admissionSymbol: unique symbol = Symbol.for('@weft/admission')

/** Called by a listener as soon as it has accepted a socket, before it creates any object for it. */
export interface InboundAdmission {
  /**
   * Takes a slot for a connection from that IP address, as text; `undefined` for remotes without one. Returns
   * `undefined` if it is refused: the socket is then destroyed at once.
   */
  admit(ip: string | undefined): InboundTicket | undefined
}

/** The slot of one connection. Exactly one of `carry` and `release` must be called. */
export interface InboundTicket {
  /** Called when the slot is evicted before `carry`. The connection must then be aborted. */
  onEvicted: ((error: Error) => void) | undefined
  /** Passes the slot to a connection, which releases it when it closes, and is aborted if it is evicted. */
  carry(connection: MultiaddrConnection): void
  /** Releases the slot; no connection was made. */
  release(): void
}

/** The admission of an upgrader, if it has one. */
export function admissionOf(upgrader: Upgrader): InboundAdmission | undefined {
  return (upgrader as Upgrader & { [admissionSymbol]?: InboundAdmission })[admissionSymbol]
}

/** A slot without a limit on their number. */
export const freeTicket: InboundTicket = Object.freeze({ onEvicted: undefined, carry() {}, release() {} })
