import type { Stream } from '@libp2p/interface'
import { concat, fromHex, toHex } from '@weft/bytes'
import { settled, until } from '@weft/interface-connection/compliance'
import { streamPair } from '@weft/interface-protocol/compliance'
import { multiaddr } from '@weft/multiaddr'
import { peerIdFromMultihashBytes } from '@weft/peer-id'
import { describe, expect, it } from 'vitest'
import { maxReplyLength } from '../src/core/limits.ts'
import { type KadMessage, kadMessage } from '../src/core/message.ts'
import { connectionFrom, loneNode, ownId } from './lone-node.ts'
import vectors from './vectors/probe.json' with { type: 'json' }

interface Input {
  name: string
  hex?: string
  repeated?: { head: string; byte: string; count: number; tail: string }
  outcome: string
  needs?: string
}

const inputs = vectors.inputs as Input[]
const asker = peerIdFromMultihashBytes(fromHex(vectors.asker))

function bytesOf({ hex, repeated }: Input): Uint8Array {
  if (hex !== undefined) return fromHex(hex.replaceAll('{own}', toHex(ownId)))
  const { head, byte, count, tail } = repeated!
  return fromHex(head + byte.repeat(count) + tail)
}

/** Sends the bytes and the end; gives what came back and how it ended. */
async function exchange(parts: Awaited<ReturnType<typeof loneNode>>, bytes: Uint8Array) {
  const [near, far] = streamPair()
  const chunks: Uint8Array[] = []
  near.addEventListener('message', ({ data }) => chunks.push(new Uint8Array(data.subarray())))
  const serving = parts.node.serve(parts.service.protocol, far, connectionFrom(asker))
  if (bytes.byteLength > 0) near.send(bytes)
  void near.close().catch(() => {})
  await serving
  await until(() => isOver(near) && isOver(far))
  await settled()
  return { reply: concat(chunks), reset: near.status === 'reset' }
}

function isOver({ status }: Stream): boolean {
  return status !== 'open' && status !== 'closing'
}

async function probed() {
  const parts = await loneNode()
  parts.connections.push(connectionFrom(asker))
  parts.known.set(asker.toString(), [multiaddr('/ip4/127.0.0.1/tcp/42319')])
  const replies = new Map<string, KadMessage>()
  const outcomes: Array<[string, string]> = []
  for (const input of inputs) {
    const { reply, reset } = await exchange(parts, bytesOf(input))
    outcomes.push([input.name, reset ? 'reset' : reply.byteLength > 0 ? 'answer' : 'nothing'])
    if (reset || reply.byteLength === 0) continue
    expect(reply.byteLength).toBeLessThanOrEqual(maxReplyLength)
    const head = reply[0]! < 128 ? 1 : 2
    const length = head === 1 ? reply[0]! : (reply[0]! & 127) | (reply[1]! << 7)
    replies.set(input.name, kadMessage.decode(reply.subarray(head, head + length)))
  }
  await parts.service.stop()
  return { outcomes, reply: (name: string) => replies.get(name)! }
}

describe('what others were asked', () => {
  const probing = probed()

  it('is answered, taken or refused, each input as it is written down', async () => {
    const { outcomes } = await probing
    const expected = inputs.map(({ name, outcome, needs }) => [name, needs === 'values' ? 'reset' : outcome])
    expect(outcomes).toEqual(expected)
    expect(inputs.length).toBe(73)
  })

  it('names the asker and this node first, with their addresses', async () => {
    const { reply } = await probing
    const [other] = reply('FIND_NODE own id of the asker').closerPeers
    expect([toHex(other!.id), other!.addresses.map(toHex)]).toEqual([vectors.asker, ['047f00000106a54f']])
    const [own] = reply('FIND_NODE id of the answering peer').closerPeers
    expect([toHex(own!.id), own!.addresses.map(toHex)]).toEqual([toHex(ownId), ['047f000001060fa1']])
  })

  it('has no key in an answer to FIND_NODE, and the key in one to GET_PROVIDERS', async () => {
    const { reply } = await probing
    expect(reply('FIND_NODE cluster level 7').key).toBe(undefined)
    expect(toHex(reply('GET_PROVIDERS hello (not a multihash)').key!)).toBe('68656c6c6f')
  })

  it('finds by the multihash what was provided by its CID, and any key by itself', async () => {
    const { reply } = await probing
    for (const [name, addresses] of [
      ['GET_PROVIDERS prov', ['047f00000106270f']],
      ['GET_PROVIDERS cidkey (multihash)', ['047f00000106270f']],
      ['GET_PROVIDERS hello (not a multihash)', ['047f00000106270f']],
      ['GET_PROVIDERS enum9', ['047f00000106270f']]
    ] as const) {
      const [provider, ...others] = reply(name).providerPeers
      expect([toHex(provider!.id), provider!.addresses.map(toHex), others]).toEqual([vectors.asker, addresses, []])
    }
  })

  it('keeps nothing of what it refused', async () => {
    const { reply } = await probing
    for (const name of ['none', 'noaddr', 'other', 'badma']) {
      expect([name, reply(`GET_PROVIDERS ${name}`).providerPeers]).toEqual([name, []])
    }
  })

  it('keeps 16 of 500 addresses', async () => {
    const { reply } = await probing
    expect(reply('GET_PROVIDERS many').providerPeers[0]!.addresses.length).toBe(16)
  })

  it('answers a PING without what came with it, and two requests of one write both', async () => {
    const parts = await loneNode()
    for (const [sent, got] of [
      ['2c080542280a260024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c', '020805'],
      ['0608059a060178', '020805'],
      ['020805020805', '020805020805']
    ] as const) {
      const { reply } = await exchange(parts, fromHex(sent))
      expect(toHex(reply)).toBe(got)
    }
    await parts.service.stop()
  })
})
