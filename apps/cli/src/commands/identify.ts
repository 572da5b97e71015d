import type { Connection } from '@libp2p/interface'
import { Command } from 'commander'
import { parseAddress } from '../arguments.ts'
import { transportOf } from '../control/views.ts'
import type { Io } from '../io.ts'
import { print } from '../output.ts'
import { type Session, withConnection } from '../with-connection.ts'

/** Prints what a peer says about itself. */
export function identifyCommand(io: Io): Command {
  return new Command('identify')
    .description('ask a peer who it is, where it listens and what it speaks, and say what was agreed on')
    .argument('<address>', 'multiaddr of the peer')
    .option('--json', 'print one line of JSON')
    .action(async (text: string, { json }: { json?: boolean }) => {
      await withConnection(io, parseAddress(text), async ({ node, connection, negotiated }) => {
        const result = await node.services.identify.identify(connection, { signal: io.signal })
        print(io, json, {
          peerId: result.peerId.toString(),
          agentVersion: result.agentVersion,
          protocolVersion: result.protocolVersion,
          addresses: (result.signedPeerRecord?.addresses ?? result.listenAddrs).map(String),
          signed: result.signedPeerRecord !== undefined,
          protocols: result.protocols,
          observedAddress: result.observedAddr?.toString(),
          transport: transportOf(connection),
          ...agreements(connection, negotiated, json)
        })
      })
    })
}

/** The channel and the muxer, and how they were agreed on. */
function agreements(
  { encryption, multiplexer }: Connection,
  negotiated: Session['negotiated'],
  json: boolean | undefined
): Record<string, string | undefined> {
  const channelBy = negotiated.channel ? multistream : 'the transport'
  const muxerBy = negotiated.muxer
    ? multistream
    : encryption === undefined
      ? 'the transport'
      : `${encryption} handshake`
  const facts = { encryption, encryptionBy: channelBy, multiplexer, multiplexerBy: muxerBy }
  if (json === true) return facts
  const both = (name: string | undefined, by: string): string | undefined =>
    name === undefined ? undefined : `${name}, by ${by}`
  return { encryption: both(encryption, channelBy), multiplexer: both(multiplexer, muxerBy) }
}

const multistream = 'multistream-select'
