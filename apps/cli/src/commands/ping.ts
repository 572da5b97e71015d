import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { parseAddress, parseCount } from '../arguments.ts'
import { CommandError } from '../errors.ts'
import { describe } from '../explain.ts'
import type { Io } from '../io.ts'
import { milliseconds } from '../output.ts'
import { inPrivateNetwork, type PskChoice } from '../psk-file.ts'
import { type Session, withConnection } from '../with-connection.ts'

interface Options extends PskChoice {
  count: number
  interval: number
  json?: boolean
}

/** Measures the time that a message to a peer and back takes. */
export function pingCommand(io: Io): Command {
  return inPrivateNetwork(new Command('ping'))
    .description('measure how long a peer takes to answer')
    .argument('<address>', 'multiaddr of the peer')
    .option('-c, --count <number>', 'how many times', text => parseCount(text, 1, 1_000_000), 4)
    .option('-i, --interval <ms>', 'milliseconds in between', text => parseCount(text, 0, 3_600_000), 1000)
    .option('--json', 'print one line of JSON')
    .action(async (text: string, options: Options) => {
      await withConnection(io, parseAddress(text), options, async session => await pingPeer(io, session, options))
    })
}

async function pingPeer(io: Io, { node, connection }: Session, { count, interval, json }: Options): Promise<void> {
  const peerId = connection.remotePeer
  const times: number[] = []
  let sent = 0
  let failure: unknown
  while (sent < count && !io.signal.aborted) {
    if (sent > 0) await sleep(interval, undefined, { signal: io.signal }).catch(() => {})
    if (io.signal.aborted) break
    sent++
    try {
      const time = await node.services.ping.ping(peerId, { signal: io.signal })
      times.push(time)
      if (json !== true) io.out(`${peerId.toString()}: ${sent} of ${count}, ${milliseconds(time)}`)
    } catch (error) {
      failure = error
      if (json !== true && !io.signal.aborted) io.out(`${peerId.toString()}: ${sent} of ${count}, ${describe(error)}`)
    }
  }
  const summary = {
    minimum: times.length > 0 ? Math.min(...times) : undefined,
    average: times.length > 0 ? times.reduce((sum, time) => sum + time, 0) / times.length : undefined,
    maximum: times.length > 0 ? Math.max(...times) : undefined
  }
  if (json === true)
    io.out(JSON.stringify({ peerId: peerId.toString(), sent, received: times.length, times, ...summary }))
  else if (summary.average !== undefined) {
    const figures = [summary.minimum!, summary.average, summary.maximum!].map(milliseconds).join(' / ')
    io.out(`${times.length} of ${sent} answered, least / mean / most: ${figures}`)
  }
  if (times.length < sent && !io.signal.aborted) {
    throw new CommandError(`${sent - times.length} of ${sent} pings were not answered`, failure)
  }
}
