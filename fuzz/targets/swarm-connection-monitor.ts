/**
 * The monitor of connections, on virtual time, while answers wait in a muxer that is paused: one ping at a time, no
 * connection given up before its time, none kept past it, and no timer left.
 */
import { messageStreamPair } from '@weft/interface-connection/compliance'
import { VirtualGlobals } from '@weft/testkit/virtual-globals'
import { ConnectionMonitor } from '../../packages/swarm/swarm/src/watch/connection-monitor.ts'

export const name = 'swarm-connection-monitor'

// Some hundred turns of the event loop each.
export const minimum = 200
const maxSteps = 60
// Of the default options, and what the answer takes through the pair.
const minTimeout = 5_000
const maxTimeout = 7_000
const noLog = Object.assign(() => {}, { error() {}, trace() {}, enabled: false, newScope: () => noLog })

interface Ping {
  at: number
  answer: () => void
}

export async function fuzz(input: Uint8Array): Promise<void> {
  const globals = new VirtualGlobals()
  try {
    await run(input, globals)
  } finally {
    globals.restore()
  }
}

/** A byte a step: two bits say what, six how much. */
async function run(input: Uint8Array, globals: VirtualGlobals): Promise<void> {
  const pings: Ping[] = []
  const delivered: Array<() => void> = []
  let paused = false
  let abortedAt: number | undefined
  const connection = {
    status: 'open',
    remotePeer: 'remote',
    newStream: async () => {
      if (abortedAt !== undefined) throw new Error('a connection that was given up is pinged')
      if (pings.length > 0) throw new Error('two pings at once')
      const [near, far] = messageStreamPair()
      const ping = { at: globals.clock.now, answer: () => void 0 as void }
      far.addEventListener('message', ({ data }) => {
        let answered = false
        ping.answer = () => {
          if (answered || far.status !== 'open') return
          answered = true
          far.send(data.subarray())
          void far.close()
        }
      })
      near.addEventListener('close', () => void pings.splice(pings.indexOf(ping) >>> 0, 1))
      pings.push(ping)
      return near
    },
    abort() {
      abortedAt = globals.clock.now
      connection.status = 'aborted'
    }
  }
  const monitor = new ConnectionMonitor({
    connectionManager: { getConnections: () => [connection as never] } as never,
    logger: { forComponent: () => noLog } as never
  })
  monitor.start()
  for (const byte of input.subarray(0, maxSteps)) {
    const [what, much] = [byte >> 6, byte & 63]
    if (what === 0) await globals.advance(much * 100)
    else if (what === 1) delivered.push(...pings.map(ping => () => ping.answer()))
    else paused = what === 2
    if (!paused) for (const deliver of delivered.splice(0)) deliver()
    await globals.settle()
    const [oldest] = pings
    const age = oldest === undefined ? 0 : globals.clock.now - oldest.at
    if (abortedAt === undefined && age > maxTimeout) throw new Error(`a ping is ${age} ms old`)
    if (abortedAt !== undefined) break
  }
  const last = pings.at(-1)
  if (abortedAt !== undefined && last !== undefined && abortedAt - last.at < minTimeout) {
    throw new Error(`the connection was given up ${abortedAt - last.at} ms after its ping`)
  }
  monitor.stop()
  // The streams of the pair end by timers of their own.
  await globals.advance(1)
  if (globals.pending !== 0) throw new Error(`${globals.pending} timers are left`)
}
