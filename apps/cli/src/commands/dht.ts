import { Command } from 'commander'
import { type NodeChoice, askEnd, onRunningNode } from '../control/running-node.ts'
import type { DhtRequest } from '../control/core/protocol.ts'
import type { PeerItem } from '../control/dht.ts'
import { CommandError } from '../errors.ts'
import type { Io } from '../io.ts'
import { print } from '../output.ts'
import { jsonText } from '../terminal/text.ts'

type Choice = NodeChoice & { json?: boolean }

/** What a running node looks for, and stores, in its DHT. */
export function dhtCommand(io: Io): Command {
  const command = new Command('dht').description('look for peers, providers and records in the DHT of a running node')
  const add = (name: string, description: string, argument: string): Command => {
    const child = onRunningNode(new Command(name)).description(description).argument(`<${argument}>`)
    command.addCommand(child)
    return child
  }
  for (const [name, description, argument, none] of [
    ['findpeer', 'the addresses of a peer', 'peer', 'the peer was not found'],
    ['findprovs', 'who provides a content', 'cid', 'nobody provides it'],
    ['closest', 'the peers that are closest to a peer id', 'peer', 'nobody was found']
  ] as const) {
    add(name, description, argument).action(async (key: string, choice: Choice) =>
      printPeers(io, choice, { command: 'dht', operation: name, key }, none)
    )
  }
  add('provide', 'tell the closest peers that this node provides a content', 'cid').action(
    async (key: string, choice: Choice) => print(io, choice.json, await end(io, choice, { operation: 'provide', key }))
  )
  add('get', 'the best record under a key, as base64', 'key').action(async (key: string, choice: Choice) => {
    const { value } = await end(io, choice, { operation: 'get', key })
    if (choice.json === true) io.out(jsonText({ key, value }))
    else io.out(String(value))
  })
  add('put', 'store a record, given as base64, at the closest peers', 'key')
    .argument('<record>')
    .action(async (key: string, value: string, choice: Choice) =>
      print(io, choice.json, await end(io, choice, { operation: 'put', key, value }))
    )
  return command
}

async function end(io: Io, choice: Choice, request: Omit<DhtRequest, 'command'>): Promise<Record<string, unknown>> {
  return askEnd(io, choice, { command: 'dht', ...request })
}

async function printPeers(io: Io, choice: Choice, request: DhtRequest, none: string): Promise<void> {
  const peers: PeerItem[] = []
  await askEnd<object, PeerItem>(io, choice, request, peer => void peers.push(peer))
  if (choice.json === true) io.out(jsonText(peers))
  else for (const { peerId, addresses } of peers) print(io, false, { [peerId]: addresses })
  if (peers.length === 0) throw new CommandError(none)
}
