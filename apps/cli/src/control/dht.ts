/** What a running node does in its DHT for a client of the control socket. */
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { concat, fromUtf8 } from '@weft/bytes'
import { InvalidParametersError, isNotFoundError, WeftError } from '@weft/errors'
import type { KadDHT } from '@weft/kad-record-store'
import { peerIdFromString } from '@weft/peer-id'
import { createIpnsRecord, decodeIpnsRecord, ipnsRecordKey } from '@weft/record'
import { CID } from 'multiformats/cid'
import { base64 } from 'multiformats/bases/base64'
import type { Services } from '../make-node.ts'
import type { DhtRequest, NameRequest } from './core/protocol.ts'

/** A peer as an item. */
export interface PeerItem {
  readonly peerId: string
  readonly addresses: readonly string[]
}

interface Found {
  readonly id: { toString(): string }
  readonly multiaddrs: readonly { toString(): string }[]
}

/** Yields peers where peers are found; ends with what else there is to say. */
export async function* askDht(
  node: Libp2p<Services>,
  { operation, key, value }: DhtRequest,
  signal: AbortSignal
): AsyncGenerator<PeerItem, object> {
  const dht = dhtOf(node)
  switch (operation) {
    case 'get':
      return { value: base64.baseEncode(await dht.records.getBest(recordKeyOf(key), { signal })) }
    case 'put': {
      const outcomes = await dht.records.put(recordKeyOf(key), bytesOf(value), { signal })
      return { stored: outcomes.filter(({ status }) => status === 'stored').length, asked: outcomes.length }
    }
    case 'provide': {
      let told = 0
      for await (const event of dht.provide(cidOf(key), { signal })) {
        if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') told++
      }
      return { told }
    }
    case 'findprovs':
      for await (const event of dht.findProviders(cidOf(key), { signal, steps: false })) {
        if (event.name === 'PROVIDER') yield* event.providers.map(itemOf)
      }
      return {}
    case 'findpeer':
      for await (const event of dht.findPeer(peerIdFromString(key), { signal, steps: false })) {
        if (event.name === 'FINAL_PEER') yield itemOf(event.peer)
      }
      return {}
    case 'closest':
      for await (const event of dht.getClosestPeers(peerIdFromString(key).toMultihash().bytes, {
        signal,
        steps: false
      })) {
        if (event.name === 'FINAL_PEER') yield itemOf(event.peer)
      }
      return {}
  }
}

/** Publishes a name of the node's own key, or resolves one. */
export async function askName(
  node: Libp2p<Services>,
  request: NameRequest,
  signal: AbortSignal
): Promise<{ name: string; value: string; sequence: string }> {
  const { records } = dhtOf(node)
  if (request.operation === 'resolve') {
    const peer = peerIdFromString(request.text.replace(/^\/ipns\//, ''))
    const { value, sequence } = decodeIpnsRecord(await records.getBest(ipnsRecordKey(peer), { signal }))
    return { name: peer.toString(), value, sequence: sequence.toString() }
  }
  const key = ipnsRecordKey(node.peerId)
  const sequence = await nextSequence(async () => records.getBest(key, { signal }))
  await records.put(key, await createIpnsRecord(privateKeyOf(node), request.text, sequence), { signal })
  return { name: node.peerId.toString(), value: request.text, sequence: sequence.toString() }
}

/** One more than that of the record that others have; 0 where there is none. */
async function nextSequence(best: () => Promise<Uint8Array>): Promise<bigint> {
  try {
    return decodeIpnsRecord(await best()).sequence + 1n
  } catch (error) {
    if (isNotFoundError(error)) return 0n
    throw error
  }
}

function dhtOf({ services }: Libp2p<Services>): KadDHT {
  if (services.dht !== undefined) return services.dht
  throw new WeftError('NotFoundError', 'ERR_NO_DHT', 'this node has no DHT: start it with --dht')
}

/** Not part of a node's contract; ours has it among its components. */
function privateKeyOf(node: Libp2p): PrivateKey {
  const { components } = node as Libp2p & { components?: { privateKey?: PrivateKey } }
  if (components?.privateKey !== undefined) return components.privateKey
  throw new WeftError('NotFoundError', 'ERR_NO_PRIVATE_KEY', 'this node does not give its key away')
}

function itemOf({ id, multiaddrs }: Found): PeerItem {
  return { peerId: id.toString(), addresses: multiaddrs.map(String) }
}

/** `/ipns/<peer id>` and `/pk/<peer id>` have the id's bytes as their end, as all implementations do; others are text. */
function recordKeyOf(text: string): Uint8Array {
  const [, namespace, name] = /^\/(ipns|pk)\/(.+)$/.exec(text) ?? []
  if (namespace === undefined || name === undefined) return fromUtf8(text)
  return concat([fromUtf8(`/${namespace}/`), peerIdFromString(name).toMultihash().bytes])
}

function bytesOf(text: string = ''): Uint8Array {
  try {
    return base64.baseDecode(text)
  } catch (cause) {
    throw new InvalidParametersError('the record is no base64', { cause })
  }
}

function cidOf(text: string): CID {
  try {
    return CID.parse(text)
  } catch (cause) {
    throw new InvalidParametersError('it is no CID', { cause })
  }
}
