/** Bounds of the control socket. */

/** Bytes of a line, its end not counted: 64 addresses of a peer fit, and a request is never as long. */
export const maxLineLength = 65_536

/** Clients at once: more than a person with a few scripts has, and few enough to cost nothing. */
export const maxClients = 8

/** Milliseconds in which a client must send a whole request: it takes one of few places. */
export const requestTimeout = 10_000

/** Milliseconds that an answer may take: three times what a dial may. */
export const answerTimeout = 30_000

/** Peers and addresses that one request may name: what one dial takes. */
export const maxTargets = 100
