/** The commands that look at a running node: which one, and what it says. */
import type { Command } from 'commander'
import type { Io } from '../io.ts'
import { ask } from './client.ts'
import type { Request } from './core/protocol.ts'
import { defaultSocket } from './socket-path.ts'

/** What says which node is meant. */
export interface NodeChoice {
  control?: string
  dir: string
}

/** Adds the options of `NodeChoice` to a command, and `--json`. */
export function onRunningNode(command: Command): Command {
  return command
    .option('--control <path>', 'control socket of the node (default: control.sock in its folder)')
    .option('-d, --dir <folder>', 'folder of the node', '.weft')
    .option('--json', 'print one line of JSON')
}

function socketOf({ control, dir }: NodeChoice): string {
  return control ?? defaultSocket(dir)
}

/** Asks the node, and collects the items of its answer, which are at most as many as it holds peers. */
export async function askAll<Item>(io: Io, choice: NodeChoice, request: Request): Promise<Item[]> {
  const items: Item[] = []
  for await (const item of ask<Item>(socketOf(choice), request, io.signal)) items.push(item)
  return items
}

/** Asks the node, and gives what ends its answer. `onItem` is called with each item, as it comes. */
export async function askEnd<End, Item = object>(
  io: Io,
  choice: NodeChoice,
  request: Request,
  onItem: (item: Item) => void = () => {}
): Promise<End> {
  const answer = ask<Item, End>(socketOf(choice), request, io.signal)
  for (;;) {
    const next = await answer.next()
    if (next.done === true) return next.value
    onItem(next.value)
  }
}
