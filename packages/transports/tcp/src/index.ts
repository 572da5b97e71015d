/** TCP and unix sockets for libp2p, with the options of js-libp2p's `@libp2p/tcp`. */
export type {
  CloseServerOnMaxConnectionsOpts,
  TCPComponents,
  TCPCreateListenerOptions,
  TCPDialEvents,
  TCPDialOptions,
  TCPOptions,
  TCPSocketOptions
} from './options.ts'
export { tcp } from './tcp.ts'
