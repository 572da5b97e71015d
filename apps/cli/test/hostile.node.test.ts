import { createLibp2p, nodeDefaults } from '@weft/libp2p'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newFolder, startNode, weft } from './runner.ts'

// Clears the screen, sets the title, goes to the line's start, turns the text round.
const agent = 'evil/1\u001b[2J\u001b]0;pwned\u0007\r\nweft: all is well\u009b31m\u202e'
let hostile: Awaited<ReturnType<typeof createLibp2p>>
let address: string

beforeAll(async () => {
  hostile = await createLibp2p({
    ...nodeDefaults(),
    nodeInfo: { name: 'evil', version: '1', userAgent: agent },
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] }
  })
  address = hostile.getMultiaddrs()[0]!.toString()
})

afterAll(() => hostile.stop())

it('prints nothing that a terminal obeys, whatever a peer calls itself', async () => {
  const { code, out } = await weft(['identify', address])
  expect(code).toBe(0)
  expect(out.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(out.find(line => line.startsWith('agentVersion'))).toContain('evil/1')

  const dir = await newFolder()
  const node = await startNode('--dir', dir, '--control')
  expect((await weft(['connect', '--node', address, '--dir', dir])).code).toBe(0)
  for (const command of ['connections', 'peers']) {
    for (const options of [[], ['--json']]) {
      const shown = await weft([command, '--dir', dir, ...options])
      expect(shown.code).toBe(0)
      expect(shown.out.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }
  }
  await node.stop()
})
