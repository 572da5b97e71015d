import { version } from '@weft/libp2p/version'
import { Command, CommanderError } from 'commander'
import { isUsageError } from './errors.ts'
import { explain, folded } from './explain.ts'
import type { Io } from './io.ts'
import { oneLine } from './terminal/text.ts'

export type { Io, Terminal } from './io.ts'

/** The exit code of a run: it went well, it failed, the command line was wrong. */
export type ExitCode = 0 | 1 | 2

/** The commands, in the order in which help lists them. Only the one that is asked for is loaded. */
const commands: Record<string, () => Promise<(io: Io) => Command>> = {
  node: async () => (await import('./commands/node.ts')).nodeCommand,
  id: async () => (await import('./commands/id.ts')).idCommand,
  key: async () => (await import('./commands/key.ts')).keyCommand,
  identify: async () => (await import('./commands/identify.ts')).identifyCommand,
  ping: async () => (await import('./commands/ping.ts')).pingCommand,
  connect: async () => (await import('./commands/connect.ts')).connectCommand,
  perf: async () => (await import('./commands/perf.ts')).perfCommand,
  dht: async () => (await import('./commands/dht.ts')).dhtCommand,
  name: async () => (await import('./commands/name.ts')).nameCommand,
  repo: async () => (await import('./commands/repo.ts')).repoCommand,
  multiaddr: async () => (await import('./commands/multiaddr.ts')).multiaddrCommand,
  connections: async () => (await import('./commands/connections.ts')).connectionsCommand,
  dials: async () => (await import('./commands/dials.ts')).dialsCommand,
  peers: async () => (await import('./commands/peers.ts')).peersCommand,
  disconnect: async () => (await import('./commands/disconnect.ts')).disconnectCommand,
  'clear-backoff': async () => (await import('./commands/clear-backoff.ts')).clearBackoffCommand,
  limits: async () => (await import('./commands/limits.ts')).limitsCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand
}

/** Runs a command line, without the program's name. It touches nothing of the process but files and sockets. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const weft = await program(argv, io)
    await weft.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    tell(io, io.signal.aborted ? ['stopped'] : explain(error))
    return isUsageError(error) ? 2 : 1
  }
}

async function program(argv: readonly string[], io: Io): Promise<Command> {
  const weft = new Command('weft').description('libp2p from the command line').version(version)
  configure(weft, io)
  for (const load of wanted(argv)) weft.addCommand(configure((await load())(io), io))
  return weft
}

/** The command that the first word names; all of them for help, for completion, and for a word that is none. */
function wanted([name = '']: readonly string[]): Array<() => Promise<(io: Io) => Command>> {
  const one = name === 'completion' || !Object.hasOwn(commands, name) ? undefined : commands[name]
  return one === undefined ? Object.values(commands) : [one]
}

function configure(command: Command, io: Io): Command {
  command.exitOverride()
  command.configureOutput({
    writeOut: text => io.out(text.trimEnd()),
    writeErr: text => io.err(text.trimEnd()),
    outputError: text => {
      const said = oneLine(text).replace(/^error: /, '')
      tell(io, folded(`${said} (\`weft ${commandPath(command)}--help\` tells more)`))
    }
  })
  for (const child of command.commands) configure(child, io)
  return command
}

/** Prints an error: its first line names the program, the others are indented. */
function tell(io: Io, lines: readonly string[]): void {
  for (const [i, line] of lines.entries()) io.err(i === 0 ? `weft: ${line}` : line)
}

function commandPath(command: Command): string {
  return command.parent === null ? '' : `${commandPath(command.parent)}${command.name()} `
}
