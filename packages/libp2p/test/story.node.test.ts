import type { ComponentLogger, Logger } from '@libp2p/interface'
import { multiaddr } from '@weft/multiaddr'
import { format } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createLibp2p, memoryDefaults } from '../src/index.ts'

/** A logger that keeps what is logged, without errors and traces. */
function keeper(enabled: boolean): { logger: ComponentLogger; lines: string[] } {
  const lines: string[] = []
  const make = (name: string): Logger =>
    Object.assign(
      (text: string, ...args: unknown[]) => {
        lines.push(`${name} ${format(text.replaceAll(/%[pa]/g, '%s'), ...args.map(String))}`)
      },
      { enabled, error() {}, trace() {}, newScope: (scope: string) => make(`${name}:${scope}`) }
    )
  return { logger: { forComponent: make }, lines }
}

/** A day in the life of a node: it listens, is dialed, dials in vain, speaks, reaches a limit and stops. */
async function live(logger: ComponentLogger): Promise<{ own: string; other: string }> {
  const listen = ['/memory/story']
  const resourceLimits = { protocols: { '/rare': { streamsInbound: 1 } } }
  const node = await createLibp2p({ ...memoryDefaults(), addresses: { listen }, resourceLimits, logger })
  const other = await createLibp2p({ ...memoryDefaults(), addresses: { listen: ['/memory/story-other'] } })
  const identified = new Promise(resolve => node.addEventListener('peer:identify', resolve, { once: true }))
  await node.handle('/rare', () => {})
  await other.handle('/rare', () => {})
  const connection = await other.dial(node.getMultiaddrs())
  await identified
  const first = await connection.newStream('/rare')
  await connection.newStream('/rare').catch(() => {})
  await node.services.ping.ping(other.peerId)
  first.abort(new Error('enough'))
  await node.dial(multiaddr('/memory/nobody')).catch(() => {})
  await other.hangUp(node.peerId)
  await node.dial(other.getMultiaddrs())
  await node.stop()
  await other.stop()
  return { own: node.peerId.toString(), other: other.peerId.toString() }
}

describe('DEBUG=libp2p:*', () => {
  it('tells a story: what happens to a node, a line for each event', async () => {
    const { logger, lines } = keeper(true)
    const { own, other } = await live(logger)
    const story = lines.join('\n')
    for (const line of [
      `libp2p listening on /memory/story`,
      `libp2p started: ${own}`,
      /^libp2p:upgrader accepted a connection from \/memory\//m,
      new RegExp(`^libp2p connected inbound-\\d+ with ${other} at /memory/\\S+: /noise, /yamux/1.0.0$`, 'm'),
      new RegExp(`^libp2p identified ${other}: "weft/\\S+ .*", \\d+ protocols$`, 'm'),
      /^libp2p:connection inbound stream \S+ of \/rare opened on inbound-\d+ with /m,
      /^libp2p:connection inbound stream \S+ of \/rare closed/m,
      new RegExp(`^libp2p:connection outbound stream \\S+ of /ipfs/ping/1.0.0 opened on .* with ${other}$`, 'm'),
      /^libp2p:limits limit reached: protocol.streamsInbound, for the 1th time$/m,
      /^libp2p:connection-manager:dial-queue dialing \/memory\/nobody$/m,
      /^libp2p:connection-manager:dial-queue dial of \/memory\/nobody failed after \d+ ms: /m,
      new RegExp(`^libp2p:connection-manager:dial-queue dialed ${other}.* in \\d+ ms$`, 'm'),
      new RegExp(`^libp2p disconnected inbound-\\d+ with ${other} at \\S+: \\w+ after \\d+ ms$`, 'm'),
      `libp2p stopped: ${own}`
    ]) {
      if (typeof line === 'string') expect(lines).toContain(line)
      else expect(story).toMatch(line)
    }
    for (const line of lines) expect(line).not.toContain('\n')
  })

  it('formats nothing while it is off', async () => {
    const { logger, lines } = keeper(false)
    await live(logger)
    // A fault is passed on as it is, and formatted by the logger if at all.
    expect(lines.filter(line => !line.includes(' - %e'))).toEqual([])
  })
})
