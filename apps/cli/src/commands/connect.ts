import { Command } from 'commander'
import { parseAddress, parseTargets } from '../arguments.ts'
import { askEnd, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import type { ConnectionView } from '../control/views.ts'
import type { Io } from '../io.ts'
import { milliseconds, print } from '../output.ts'
import { withConnection } from '../with-connection.ts'

interface Options extends NodeChoice {
  node?: boolean
  json?: boolean
}

/** Connects to a peer, and says how. */
export function connectCommand(io: Io): Command {
  return onRunningNode(new Command('connect'))
    .description('connect to a peer, say how it went, and hang up; with --node a running node connects, and stays so')
    .argument('<address...>', 'multiaddrs of the peer; with --node also its id')
    .option('--node', 'have a running node connect')
    .action(async (texts: string[], options: Options) => {
      await (options.node === true ? connectNode(io, texts, options) : connectOnce(io, texts, options))
    })
}

/** An identity of the moment connects. */
async function connectOnce(io: Io, texts: readonly string[], { json }: Options): Promise<void> {
  await withConnection(io, texts.map(parseAddress), async ({ connection, elapsed }) => {
    print(io, json, {
      peerId: connection.remotePeer.toString(),
      address: connection.remoteAddr.toString(),
      encryption: connection.encryption,
      multiplexer: connection.multiplexer,
      time: json === true ? elapsed : milliseconds(elapsed)
    })
  })
}

async function connectNode(io: Io, texts: readonly string[], options: Options): Promise<void> {
  const { connection, time } = await askEnd<{ connection: ConnectionView; time: number }>(io, options, {
    command: 'connect',
    targets: parseTargets(texts)
  })
  print(io, options.json, {
    peerId: connection.peer,
    address: connection.address,
    encryption: connection.channel,
    multiplexer: connection.muxer,
    time: options.json === true ? time : milliseconds(time)
  })
}
