import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { newFolder, type Result, startNode, weft } from './runner.ts'

const cid = 'bafkreid4r32xftg7gejo5z4z4ui5nsgwa5vjmxktnlnbsuuih4vjnlz2pe'

/** Runs a command until it goes well: a table fills when its peers have answered. Bounded by the test's timeout. */
async function once(argv: string[], goesWell: (result: Result) => boolean = ({ code }) => code === 0): Promise<Result> {
  for (;;) {
    const result = await weft(argv)
    if (goesWell(result)) return result
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

describe('weft node --dht', () => {
  it('stores a record through another node; a third one, that never met its writer, reads it after restarts', async () => {
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(async name => path.join(await newFolder(), name)))
    let first = await startNode('--repo', a!, '--dht', '--control')
    const listen = first.lines[0]!
    const second = await startNode('--repo', b!, '--dht', '--control', '--bootstrap', listen)
    const writer = second.lines[0]!.split('/p2p/')[1]!

    // Two places: the second node itself, and the first.
    const published = ['name', 'publish', `/ipfs/${cid}`, '--dir', b!, '--json']
    await once(['dht', 'closest', writer, '--dir', b!])
    expect(JSON.parse((await weft(published)).out[0]!)).toMatchObject({ name: writer, value: `/ipfs/${cid}` })
    expect((await weft(['dht', 'provide', cid, '--dir', b!])).out).toEqual(['told  1'])

    expect([await second.stop(), await first.stop()]).toEqual([0, 0])
    first = await startNode('--repo', a!, '--dht', '--listen', listen.split('/p2p/')[0]!)
    const third = await startNode(
      '--repo',
      c!,
      '--dht',
      '--control',
      '--bootstrap',
      first.lines.find(line => line === listen)!
    )
    const resolved = await once(['name', 'resolve', writer, '--dir', c!, '--json'])
    expect(JSON.parse(resolved.out[0]!)).toEqual({ name: writer, value: `/ipfs/${cid}`, sequence: '0' })
    const record = await weft(['dht', 'get', `/ipns/${writer}`, '--dir', c!])
    expect(Buffer.from(record.out[0]!, 'base64').byteLength).toBeGreaterThan(100)
    const providers = await weft(['dht', 'findprovs', cid, '--dir', c!, '--json'])
    expect(JSON.parse(providers.out[0]!)).toEqual([{ peerId: writer, addresses: [expect.stringContaining('/tcp/')] }])
    const found = await weft(['dht', 'findpeer', listen.split('/p2p/')[1]!, '--dir', c!, '--json'])
    expect(JSON.parse(found.out[0]!)[0].addresses.join()).toContain(listen.split('/p2p/')[0]!)

    const unknown = await weft(['name', 'resolve', third.lines[0]!.split('/p2p/')[1]!, '--dir', c!])
    expect(unknown.code).toBe(1)
    expect((await weft(['dht', 'put', '/none/a', 'AA', '--dir', c!])).error).toContain('no validator for /none/')
    expect([await third.stop(), await first.stop()]).toEqual([0, 0])
  }, 120_000)

  it('is what `weft dht` needs', async () => {
    const folder = path.join(await newFolder(), 'node')
    const node = await startNode('--dir', folder, '--control')
    const { code, error } = await weft(['dht', 'get', '/pk/x', '--dir', folder])
    expect(code).toBe(1)
    expect(error).toContain('start it with --dht')
    expect(await node.stop()).toBe(0)
  })
})
