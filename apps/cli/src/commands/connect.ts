import type { Connection } from '@libp2p/interface'
import { type Multiaddr, p2pOf } from '@weft/multiaddr'
import { Command } from 'commander'
import { parseAddress, parseAddresses, parseTargets } from '../arguments.ts'
import type { Connected } from '../control/answer.ts'
import { askEnd, type NodeChoice, onRunningNode } from '../control/running-node.ts'
import { transportOf } from '@weft/interface-inspection'
import { CommandError, UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import { makeNode } from '../make-node.ts'
import { milliseconds, print } from '../output.ts'
import { inPrivateNetwork, type PskChoice, protectorOf } from '../psk-file.ts'
import { LiveDrawing } from '../trace/live-drawing.ts'
import { errorView, type TraceStep } from '../trace/step.ts'
import { traceDial } from '../trace/trace-dial.ts'

interface Options extends NodeChoice, PskChoice {
  node?: boolean
  trace?: boolean
  json?: boolean
}

/** How a peer was connected. Times are in ms. */
interface Result {
  peerId: string
  address: string
  transport: string
  encryption: string | undefined
  multiplexer: string | undefined
  time: number
  identified?: number | undefined
}

/** Hears of each step of a dial, and that it is over. */
type Watcher = Pick<LiveDrawing, 'step' | 'settle'>
type Dial = (watcher?: Watcher) => Promise<Result>

/** Connects to a peer, and says how. */
export function connectCommand(io: Io): Command {
  return inPrivateNetwork(onRunningNode(new Command('connect')))
    .description('connect to a peer, say how it went, and hang up; with --node a running node connects, and stays so')
    .argument('<address...>', 'multiaddrs of the peer; with --node also its id')
    .option('--node', 'have a running node connect')
    .option('--trace', 'draw what becomes of each address')
    .action(async (texts: string[], options: Options) => {
      // Before anything is done: what is wrong with the command line.
      if (options.node === true && options.psk !== undefined) {
        throw new UsageError('a running node is in the network that it was started in: leave out --psk or --node')
      }
      const dial =
        options.node === true ? byNode(io, parseTargets(texts), options) : once(io, parseAddresses(texts), options)
      await (options.trace === true ? draw(io, texts, options, dial) : show(io, options, dial))
    })
}

async function show(io: Io, { json }: Options, dial: Dial): Promise<void> {
  const result = await dial()
  print(io, json, { ...result, time: json === true ? result.time : milliseconds(result.time) })
}

async function draw(io: Io, texts: readonly string[], { json }: Options, dial: Dial): Promise<void> {
  const name = nameOf(texts)
  const drawing = new LiveDrawing(io, name, json === true)
  const { steps } = drawing
  try {
    const result = await dial(drawing)
    if (json === true) print(io, true, { ...result, trace: steps })
    else drawing.end({ kind: 'connected', identified: result.identified })
  } catch (error) {
    if (json === true) print(io, true, { error: errorView(error), time: drawing.elapsed, trace: steps })
    else drawing.end({ kind: 'failed' })
    // The drawing says why, for each address.
    throw json === true || steps.length === 0 ? error : new CommandError(`no address of ${name} connected`, error)
  }
}

/** An identity of the moment connects, and hangs up. */
function once(io: Io, addresses: Multiaddr[], network: PskChoice): Dial {
  return async watcher => {
    const node = await makeNode({ connectionProtector: await protectorOf(network) })
    try {
      const { connection, ...times } = await traceDial(node, addresses, io.signal, watcher)
      return { ...resultOf(connection), ...times }
    } finally {
      watcher?.settle()
      await node.stop()
    }
  }
}

/** A running node connects. */
function byNode(io: Io, targets: readonly string[], options: Options): Dial {
  const request = { command: 'connect', targets, trace: options.trace === true } as const
  return async watcher => {
    const end = await askEnd<Connected, TraceStep>(io, options, request, step => watcher?.step(step))
    const { connection, ...times } = end
    const { peer, address, transport, channel, muxer } = connection
    return { peerId: peer, address, transport, encryption: channel, multiplexer: muxer, ...times }
  }
}

/** Whom a dial is to, for people: the peer if it is known. */
function nameOf(texts: readonly string[]): string {
  const id = texts.find(text => !text.startsWith('/')) ?? p2pOf(parseAddress(texts[0]!))
  return id ?? texts.join(' ')
}

function resultOf(connection: Connection): Omit<Result, 'time' | 'identified'> {
  return {
    peerId: connection.remotePeer.toString(),
    address: connection.remoteAddr.toString(),
    transport: transportOf(connection),
    encryption: connection.encryption,
    multiplexer: connection.multiplexer
  }
}
