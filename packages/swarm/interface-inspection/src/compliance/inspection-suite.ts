import type { Libp2p } from '@libp2p/interface'
import type { TestRunner } from '@weft/interface-connection/compliance'
import { type InspectionEvent, inspectionOf, type NodeInspection } from '../inspection.ts'

/** Makes two nodes that are started and not connected; the first listens, and handles `protocol`. */
export interface InspectionSetup {
  /** Called at the beginning of each test. */
  readonly setup: () => Promise<{ listener: Libp2p; dialer: Libp2p; protocol: string }>
  /** Called at the end of each test, whatever came of it. */
  readonly teardown: () => Promise<void>
}

/** What every inspection tells. */
export function inspectionSuite({ describe, it, expect }: TestRunner, options: InspectionSetup): void {
  type Parts = Awaited<ReturnType<InspectionSetup['setup']>> & { inspection: NodeInspection }
  const using = async (use: (parts: Parts) => Promise<void>): Promise<void> => {
    try {
      const parts = await options.setup()
      const inspection = inspectionOf(parts.dialer)
      if (inspection === undefined) throw new Error('the node has no inspection')
      await use({ ...parts, inspection })
    } finally {
      await options.teardown()
    }
  }
  /** What JSON makes of a value: a view that is not plain data comes back as another. */
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

  describe('node inspection', () => {
    it('says who the node is, and that it runs', () =>
      using(async ({ inspection, dialer }) => {
        const identity = inspection.identity()
        expect(identity).toMatchObject({ peer: dialer.peerId.toString(), status: 'started' })
        expect(identity.uptime! >= 0).toBe(true)
        expect(plain(identity)).toEqual(identity)
        await dialer.stop()
        expect(inspection.identity()).toMatchObject({ status: 'stopped' })
      }))

    it('gives own addresses with their reasons', () =>
      using(async ({ listener }) => {
        const addresses = inspectionOf(listener)!.addresses()
        expect(addresses.length).toBeGreaterThan(0)
        for (const { type, why, verified } of addresses) {
          expect(type).toBe('transport')
          expect(why === '').toBe(false)
          expect(typeof verified).toBe('boolean')
        }
        expect(plain(addresses)).toEqual(addresses)
      }))

    it('shows a connection, its streams and its peer while they are there', () =>
      using(async ({ inspection, listener, dialer, protocol }) => {
        expect([await all(inspection.connections()), inspection.streams()]).toEqual([[], []])
        const stream = await dialer.dialProtocol(listener.getMultiaddrs(), protocol)
        const [connection] = await all(inspection.connections())
        const peer = listener.peerId.toString()
        expect(connection).toMatchObject({ peer, direction: 'outbound', limited: false })
        expect(plain(connection)).toEqual(connection)
        const own = inspection.streams(connection!.id).find(view => view.protocol === protocol)
        expect(own).toMatchObject({ connection: connection!.id, peer, direction: 'outbound', unread: 0 })
        expect(inspection.streams('none')).toEqual([])
        const known = (await all(inspection.peers())).find(view => view.peer === peer)
        expect(known).toMatchObject({ connections: 1 })
        stream.abort(new Error('enough'))
        await dialer.hangUp(listener.peerId)
        expect([await all(inspection.connections()), inspection.streams()]).toEqual([[], []])
      }))

    it('tells of events as they happen, in order, to each who watches', () =>
      using(async ({ inspection, listener, dialer, protocol }) => {
        const leaving = new AbortController()
        const [first, second] = [inspection.watch({ signal: leaving.signal }), inspection.watch()]
        const stream = await dialer.dialProtocol(listener.getMultiaddrs(), protocol)
        stream.abort(new Error('enough'))
        await dialer.hangUp(listener.peerId)
        const seen: InspectionEvent[] = []
        for await (const event of first) {
          seen.push(event)
          if (event.kind === 'peer:disconnect') leaving.abort()
        }
        const kinds = seen.map(({ kind }) => kind)
        expect(kinds.indexOf('peer:connect') < kinds.indexOf('peer:disconnect')).toBe(true)
        expect(kinds).toContain('connection:open')
        expect(plain(seen)).toEqual(seen)
        for await (const { kind, peer } of second) {
          if (kind !== 'peer:connect') continue
          expect(peer).toBe(listener.peerId.toString())
          break
        }
      }))

    it('drops the oldest events of a slow reader, and says how many', () =>
      using(async ({ inspection, listener, dialer, protocol }) => {
        const watching = inspection.watch({ buffer: 2 })
        const stream = await dialer.dialProtocol(listener.getMultiaddrs(), protocol)
        stream.abort(new Error('enough'))
        await dialer.hangUp(listener.peerId)
        const seen: InspectionEvent[] = []
        for await (const event of watching) {
          seen.push(event)
          if (seen.length === 3) break
        }
        expect(seen[0]!.kind).toBe('lost')
        expect(seen[0]!.count!).toBeGreaterThan(0)
      }))

    it('lists limits with what is held, and sections of services, as plain data', () =>
      using(async ({ inspection }) => {
        const limits = inspection.limits()
        expect(plain(limits)).toEqual(limits)
        const sections = await inspection.sections()
        expect(plain(sections)).toEqual(sections)
        expect(inspection.dials()).toEqual([])
      }))
  })
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of source) items.push(item)
  return items
}
