/** Connections that a node keeps. A secured idle one costs some 40 KiB. */
export const defaultConnections: number = 1024
/** Of these, inbound: a quarter is left for what this side dials. */
export const defaultInboundConnections: number = 768
