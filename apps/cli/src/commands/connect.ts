import { Command } from 'commander'
import { parseAddress } from '../arguments.ts'
import type { Io } from '../io.ts'
import { milliseconds, print } from '../output.ts'
import { withConnection } from '../with-connection.ts'

/** Connects to a peer, and says how. */
export function connectCommand(io: Io): Command {
  return new Command('connect')
    .description('connect to a peer, say how it went, and hang up')
    .argument('<address>', 'multiaddr of the peer')
    .option('--json', 'print one line of JSON')
    .action(async (text: string, { json }: { json?: boolean }) => {
      await withConnection(io, parseAddress(text), async ({ connection, elapsed }) => {
        print(io, json, {
          peerId: connection.remotePeer.toString(),
          address: connection.remoteAddr.toString(),
          encryption: connection.encryption,
          multiplexer: connection.multiplexer,
          time: json === true ? elapsed : milliseconds(elapsed)
        })
      })
    })
}
