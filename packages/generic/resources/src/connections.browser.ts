/** Connections that a page keeps: browsers hold 255 WebSockets and some hundred WebRTC connections. */
export const defaultConnections: number = 128
/** Of these, inbound: a quarter is left for what this side dials. */
export const defaultInboundConnections: number = 96
/** Browsers count connections, see above. */
export const availableDescriptors: number = Number.POSITIVE_INFINITY
