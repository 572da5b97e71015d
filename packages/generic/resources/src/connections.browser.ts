/** Connections of a page in all: browsers hold 255 WebSockets and some hundred WebRTC connections. */
export const defaultConnections: number = 128
/** Of these, inbound. */
export const defaultInboundConnections: number = 128
