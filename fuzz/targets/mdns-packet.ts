/** What a neighbour sends by multicast: a packet is read or refused by its type of error, and read again as it is written. */
import { decodeDns } from '../../packages/discovery/mdns-discovery/src/core/dns-decode.ts'
import { encodeDns } from '../../packages/discovery/mdns-discovery/src/core/dns-encode.ts'
import { maxEntries, maxTexts } from '../../packages/discovery/mdns-discovery/src/core/dns-message.ts'
import { Session } from '../../packages/discovery/mdns-discovery/src/core/session.ts'

export const name = 'mdns-packet'

// Names by pointers to long ones, and addresses that are read as multiaddrs.
export const cost = { base: 400_000, perByte: 4000 }

export function fuzz(input: Uint8Array): void {
  readsAndWrites(input)
  const session = new Session(
    {
      service: '_p2p._udp.local',
      instance: 'me',
      interval: 10_000,
      broadcast: true,
      early: true,
      self: '12D3KooWKMDW5VWqmM8shSqj4EQH1MhuGYSEC3oaGPXftdw27fJa',
      random: () => 0,
      randomId: () => 1,
      host: () => ({ addresses: [], ips: [] }),
      accept: addresses => [...addresses]
    },
    0
  )
  session.setLinks([{ name: 'lan', cidrs: ['10.9.0.2/24'] }], 0)
  const outputs = session.receive(input, { address: '10.9.0.1' }, 0)
  if (outputs.some(({ kind }) => kind === 'send')) throw new Error('a packet is answered at once')
  if (outputs.length > 2 * (maxEntries + maxTexts)) throw new Error('more is told than was heard')
  if (session.peers.size > maxTexts) throw new Error('more peers than texts')
}

function readsAndWrites(input: Uint8Array): void {
  try {
    const message = decodeDns(input)
    const records = [...message.answers, ...message.authorities, ...message.additionals]
    if (message.questions.length + records.length > maxEntries) throw new Error('more records than the limit')
    const again = decodeDns(encodeDns(message))
    if (JSON.stringify(again) !== JSON.stringify(message)) throw new Error('it is not written as it was read')
  } catch (error) {
    // What a pointer made short may be too long in full.
    if ((error as Error).name !== 'DnsMessageError') throw error
  }
}
