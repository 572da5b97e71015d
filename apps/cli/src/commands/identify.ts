import { Command } from 'commander'
import { parseAddress } from '../arguments.ts'
import { transportOf } from '@weft/interface-inspection'
import type { Io } from '../io.ts'
import { print } from '../output.ts'
import { agreedParts, agreedTexts } from '../agreement-view.ts'
import { inPrivateNetwork, type PskChoice } from '../psk-file.ts'
import { withConnection } from '../with-connection.ts'

interface Options extends PskChoice {
  json?: boolean
}

/** Prints what a peer says about itself. */
export function identifyCommand(io: Io): Command {
  return inPrivateNetwork(new Command('identify'))
    .description('ask a peer who it is, where it listens and what it speaks')
    .argument('<address>', 'multiaddr of the peer')
    .option('--json', 'print one line of JSON')
    .action(async (text: string, options: Options) => {
      await withConnection(io, parseAddress(text), options, async ({ node, connection }) => {
        const result = await node.services.identify.identify(connection, { signal: io.signal })
        print(io, options.json, {
          peerId: result.peerId.toString(),
          agentVersion: result.agentVersion,
          protocolVersion: result.protocolVersion,
          addresses: (result.signedPeerRecord?.addresses ?? result.listenAddrs).map(String),
          signed: result.signedPeerRecord !== undefined,
          protocols: result.protocols,
          observedAddress: result.observedAddr?.toString(),
          transport: transportOf(connection),
          ...(options.json === true ? agreedParts(connection) : agreedTexts(connection))
        })
      })
    })
}
