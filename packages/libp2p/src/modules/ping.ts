// Written by scripts/facade-manifest.mjs.
export type { Ping, PingComponents, PingInit } from '@weft/ping'
export { PING_PROTOCOL, ping } from '@weft/ping'
