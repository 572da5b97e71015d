import { networkInterfaces } from 'node:os'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import type { Libp2pOptions } from '@weft/libp2p'
import { type Multiaddr, tryGetNetConfig } from '@weft/multiaddr'
import { generateKeyPair } from '@weft/peer-id'
import type { PrometheusMetrics } from '@weft/prometheus-metrics'
import { Command, Option } from 'commander'
import { parseAddress } from '../arguments.ts'
import { answer } from '../control/answer.ts'
import { type ControlServer, serveControl } from '../control/server.ts'
import { defaultSocket, prepareSocketPath } from '../control/socket-path.ts'
import { CommandError, UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import { readKey, writeKey } from '../key-file.ts'
import { makeNode, type Services } from '../make-node.ts'
import { protectorOf } from '../psk-file.ts'
import { sweepPeers } from '../sweep.ts'

/** Milliseconds that connections may take to close; a node that is told to stop is gone within a second. */
const stopTimeout = 800

// The port that OpenTelemetry's exporter for Prometheus has made known. Only this machine can reach it.
const defaultMetrics = '127.0.0.1:9464'

interface Options {
  listen?: string[]
  dir?: string
  repo?: string
  mdns?: boolean
  bootstrap?: string[]
  dht?: 'lan' | 'wan'
  control?: string | true
  metrics?: string | true
  echo?: boolean
  perf?: boolean
  psk?: string
  json?: boolean
}

/** Runs a node until it is told to stop. Prints its addresses, one a line. */
export function nodeCommand(io: Io): Command {
  return new Command('node')
    .description('run a node until Ctrl-C; it answers identify and ping')
    .option('-l, --listen <multiaddr...>', 'where to listen (default: TCP on every interface, on a free port)')
    .option('-d, --dir <folder>', 'where the identity of the node is kept (default: the repository, or .weft)')
    .option('-r, --repo <folder>', 'keep what is known of peers in a repository there')
    .option('--control [path]', 'let `weft connections` and others look at it (default: control.sock in the folder)')
    .option('--mdns', 'find peers of the local network by multicast DNS')
    .option('--bootstrap <multiaddr...>', 'peers to begin with, each with /p2p/<peer id> at its end')
    .addOption(new Option('--dht [network]', 'join a DHT').choices(['lan', 'wan']).preset('lan'))
    .option('--metrics [host:port]', `answer Prometheus at /metrics (default: ${defaultMetrics})`)
    .option('--echo', 'answer echo: send back what a peer sends')
    .option('--perf', 'answer perf: send as many bytes as any peer asks for, within the limits of the node')
    .option('--psk <file>', 'be in a private network: the file of its key (see `weft key psk`)')
    .option('--json', 'print one line of JSON')
    .action(async (options: Options) => {
      if (options.repo === undefined) return runNode(io, options)
      // Only here: the binary of LevelDB is loaded with it.
      const { createRepo } = await import('@weft/repo')
      const repo = await createRepo(options.repo)
      try {
        await runNode(io, { dir: options.repo, ...options }, repo.datastore)
      } finally {
        await repo.close()
      }
    })
}

async function runNode(io: Io, options: Options, datastore?: Libp2pOptions['datastore']): Promise<void> {
  const { listen = everyInterface(), dir = '.weft', control, metrics, echo, perf, json } = options
  for (const address of [...listen, ...(options.bootstrap ?? [])]) parseAddress(address)
  const measured = metrics === undefined ? undefined : await prometheus(metrics === true ? defaultMetrics : metrics)
  const connectionProtector = await protectorOf(options)
  const socket = control === true ? defaultSocket(dir) : control
  // Before anything is heard of the node.
  if (socket !== undefined) await prepareSocketPath(socket)
  const privateKey = await ownKey(dir)
  const node = await makeNode({
    listen,
    ...(datastore && { datastore }),
    mdns: options.mdns === true,
    bootstrap: options.bootstrap,
    dht: options.dht,
    privateKey,
    metrics: measured,
    connectionProtector,
    echo: echo === true,
    perf: perf === true
  }).catch((error: unknown) => {
    throw metricsError(error)
  })
  const { endpoint } = (node.metrics ?? {}) as Partial<PrometheusMetrics>
  const addresses = node.getMultiaddrs().map(String)
  const server = socket === undefined ? undefined : await openControl(node, socket)
  if (json === true) {
    io.out(JSON.stringify({ peerId: node.peerId.toString(), addresses, control: socket, metrics: endpoint }))
  } else for (const address of addresses) io.out(address)
  io.err(`Listens on ${interfacesOf(node.getMultiaddrs()).join(', ') || 'no interface'}`)
  if (endpoint !== undefined) io.err(`Metrics are at ${endpoint}`)
  if (io.draw !== undefined) io.err('The node runs. Press Ctrl-C to stop it.')

  const endSweep = sweepPeers(node.peerStore)
  await fired(io.signal)
  endSweep()
  await server?.close()
  await Promise.race([node.stop(), new Promise(resolve => setTimeout(resolve, stopTimeout).unref())])
}

/** The key in the folder, which is made if it is not there. */
async function ownKey(dir: string): Promise<PrivateKey> {
  const kept = await readKey(dir)
  if (kept !== undefined) return kept
  const made = await generateKeyPair('Ed25519')
  if (await writeKey(dir, made)) return made
  // Another node was started there at the same time: the key that is kept is that of both.
  return (await readKey(dir)) ?? made
}

/** The interfaces that own the addresses, with those of this machine alone named as such. */
function interfacesOf(addresses: readonly Multiaddr[]): string[] {
  const hosts = new Set(addresses.map(address => tryGetNetConfig(address)?.host))
  return Object.entries(networkInterfaces())
    .filter(([, list]) => list?.some(({ address }) => hosts.has(address)))
    .map(([name, list]) => (list?.every(({ internal }) => internal) === true ? `${name} (this machine only)` : name))
}

/** The error, or one that names `--metrics` where its endpoint could not listen. */
function metricsError(error: unknown): unknown {
  const { name, option, host, port, cause } = Object(error) as Record<string, unknown>
  if (name !== 'ListenError' || option !== 'listen') return error
  const { code } = Object(cause) as { code?: string }
  return new CommandError(
    `cannot listen on ${String(host)}:${String(port)} (${code}): choose another address with --metrics`
  )
}

/** Only who asks for metrics waits for prom-client to be loaded. */
async function prometheus(text: string): Promise<NonNullable<Libp2pOptions['metrics']>> {
  const { parseListen, prometheusMetrics } = await import('@weft/prometheus-metrics')
  let listen: ReturnType<typeof parseListen>
  try {
    listen = parseListen(text)
  } catch (error) {
    throw new UsageError(`--metrics: ${(error as Error).message}`, error)
  }
  return prometheusMetrics({ listen })
}

async function openControl(node: Libp2p<Services>, file: string): Promise<ControlServer> {
  try {
    return await serveControl(file, (request, signal) => answer(node, request, signal))
  } catch (error) {
    await node.stop()
    throw error
  }
}

/** IPv6 too, where the machine has it. */
function everyInterface(): string[] {
  const hasIp6 = Object.values(networkInterfaces()).some(list => list?.some(({ family }) => family === 'IPv6'))
  return hasIp6 ? ['/ip4/0.0.0.0/tcp/0', '/ip6/::/tcp/0'] : ['/ip4/0.0.0.0/tcp/0']
}

function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
}
