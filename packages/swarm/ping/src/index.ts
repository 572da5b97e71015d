/** ping: the time that a message to a peer and back takes. */
export { PING_PROTOCOL, type Ping, type PingComponents, type PingInit } from './options.ts'
export { ping } from './ping.ts'
