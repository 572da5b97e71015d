// Written by scripts/facade-manifest.mjs.
export type {
  CloseServerOnMaxConnectionsOpts,
  TCPComponents,
  TCPCreateListenerOptions,
  TCPDialEvents,
  TCPDialOptions,
  TCPOptions,
  TCPSocketOptions
} from '@weft/tcp'
export { tcp } from '@weft/tcp'
