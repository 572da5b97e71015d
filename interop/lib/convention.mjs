// The peer program of libp2p/test-plans' conventions, over our parts: ../README.md, "Foreign peers".
import { randomBytes } from 'node:crypto'
import { createConventionNode } from './convention-node.mjs'
import { identified, until } from './node.mjs'
import { runPerf } from './perf-command.mjs'
import { redisCommand } from './redis.mjs'
import { receive, sendAll } from './streams.mjs'

const ADDRESS_LIST = 'listenerAddr'
const ECHO_BYTES = 1_048_576
const PERF_BYTES = 8 * 1_048_576

/** `moreChecks`: name -> a function of the connection, for what only these parts check. */
export async function runConvention(parts, moreChecks = {}) {
  if (process.argv.length > 2) return runPerf(parts).catch(fail)
  const env = process.env
  const redis = env.redis_addr ?? 'redis:6379'
  const seconds = Number(env.test_timeout_seconds ?? 180)
  setTimeout(() => fail(new Error(`not ended within ${seconds} s`)), seconds * 1000)
  try {
    if (env.is_dialer === 'true') await dial(parts, env, redis, seconds, moreChecks)
    else await listen(parts, env, redis)
  } catch (error) {
    fail(error)
  }
}

async function listen(parts, env, redis) {
  const { node } = await createConventionNode(parts, env, [`/ip4/${env.ip ?? '0.0.0.0'}/tcp/0`])
  await redisCommand(redis, 'RPUSH', ADDRESS_LIST, node.getMultiaddrs()[0])
}

async function dial(parts, env, redis, seconds, moreChecks) {
  const { node, earlyMuxers } = await createConventionNode(parts, env, [])
  const [, address] = await redisCommand(redis, 'BLPOP', ADDRESS_LIST, seconds)
  const start = performance.now()
  const connection = await node.dial(parts.multiaddr(address))
  const pingRTTMilllis = await node.services.ping.ping(connection.remotePeer)
  const report = { handshakePlusOneRTTMillis: performance.now() - start, pingRTTMilllis }
  if (env.checks === 'true') report.checks = await runChecks(node, connection, earlyMuxers, moreChecks)
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0))
}

/** What this node saw of the connection, and whether more than ping works on it: a value or `{ error }` for each. */
async function runChecks(node, connection, earlyMuxers, moreChecks) {
  const results = {}
  for (const [name, check] of Object.entries({
    connection: async () => ({
      remoteAddr: `${connection.remoteAddr}`,
      remoteKey: await keyOf(node, connection.remotePeer),
      security: connection.encryption,
      muxer: connection.multiplexer,
      earlyMuxer: earlyMuxers[0]
    }),
    identify: () => identify(node, connection.remotePeer),
    echo: () => echo(connection),
    upload: () => measure(node, connection, PERF_BYTES, 0),
    download: () => measure(node, connection, 0, PERF_BYTES),
    ...moreChecks
  })) {
    try {
      results[name] = await check(connection)
    } catch (error) {
      results[name] = { error: `${error.name}: ${error.message}` }
    }
  }
  return results
}

/** The id of an RSA key does not hold the key; then identify told it. */
async function keyOf(node, peer) {
  const { publicKey } = peer.publicKey === undefined ? (await known(node, peer)).id : peer
  return publicKey?.type.toLowerCase()
}

async function identify(node, peer) {
  const record = await known(node, peer)
  return { agent: new TextDecoder().decode(record.metadata.get('AgentVersion')), protocols: record.protocols }
}

function known(node, peer) {
  return until(() => identified(node, peer), { what: 'the answer to identify' })
}

async function echo(connection) {
  const stream = await connection.newStream('/echo/1.0.0')
  const sent = randomBytes(ECHO_BYTES)
  const pieces = []
  const received = receive(stream, piece => pieces.push(piece))
  received.catch(() => {})
  const chunks = Array.from({ length: 16 }, (_, i) => sent.subarray((i * ECHO_BYTES) / 16, ((i + 1) * ECHO_BYTES) / 16))
  await sendAll(stream, chunks)
  await stream.close()
  await received
  if (!Buffer.concat(pieces).equals(sent)) throw new Error('other bytes came back than those that were sent')
  return sent.length
}

async function measure(node, connection, send, receive) {
  const options = { reuseExistingConnection: true }
  let last
  for await (const report of node.services.perf.measurePerformance(connection.remoteAddr, send, receive, options)) {
    last = report
  }
  return send === 0 ? last.downloadBytes : last.uploadBytes
}

function fail(error) {
  process.stderr.write(`${error.stack ?? error}\n`, () => process.exit(1))
}
