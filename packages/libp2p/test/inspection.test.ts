import { inspectionSuite } from '@weft/interface-inspection/compliance'
import { inspectionOf, inspectSymbol } from '@weft/interface-inspection'
import { describe, expect, it } from 'vitest'
import { createLibp2p, memoryDefaults } from '../src/index.ts'
import { makeNode } from './nodes.ts'

const protocol = '/inspected/1.0.0'

inspectionSuite(
  { describe, it, expect },
  {
    async setup() {
      const [listener, dialer] = await Promise.all([makeNode(), makeNode()])
      await listener.handle(protocol, () => {})
      return { listener: listener as never, dialer: dialer as never, protocol }
    },
    teardown: async () => {}
  }
)

describe('the inspection of a node', () => {
  it('shows a dial with its steps while it waits', async () => {
    const node = await makeNode()
    const leaving = new AbortController()
    const dial = node.dial((await makeNode({ start: false })).peerId, { signal: leaving.signal })
    const inspection = inspectionOf(node)!
    const [shown] = inspection.dials()
    leaving.abort()
    await expect(dial).rejects.toThrow()
    expect(shown).toMatchObject({ status: expect.stringMatching(/queued|active/), steps: expect.any(Array) })
    expect(JSON.parse(JSON.stringify(shown))).toEqual(shown)
  })

  it('shows what services tell of themselves, and the failure of one as its own section', async () => {
    const node = await createLibp2p({
      ...memoryDefaults(),
      start: false,
      services: {
        quiet: () => ({}),
        counting: () => ({ [inspectSymbol]: () => ({ entries: 3 }) }),
        broken: () => ({
          [inspectSymbol]: () => {
            throw new TypeError('broken')
          }
        })
      }
    })
    expect(await inspectionOf(node)!.sections()).toEqual({
      counting: { entries: 3 },
      broken: { error: { name: 'TypeError', message: 'broken' } }
    })
  })
})
