import { version } from '@weft/libp2p/version'
import { Command, CommanderError } from 'commander'
import { completionCommand } from './commands/completion.ts'
import { connectCommand } from './commands/connect.ts'
import { connectionsCommand } from './commands/connections.ts'
import { dialsCommand } from './commands/dials.ts'
import { clearBackoffCommand } from './commands/clear-backoff.ts'
import { disconnectCommand } from './commands/disconnect.ts'
import { idCommand } from './commands/id.ts'
import { identifyCommand } from './commands/identify.ts'
import { keyCommand } from './commands/key.ts'
import { limitsCommand } from './commands/limits.ts'
import { multiaddrCommand } from './commands/multiaddr.ts'
import { nodeCommand } from './commands/node.ts'
import { peersCommand } from './commands/peers.ts'
import { perfCommand } from './commands/perf.ts'
import { pingCommand } from './commands/ping.ts'
import { isUsageError } from './errors.ts'
import { explain, folded } from './explain.ts'
import type { Io } from './io.ts'
import { oneLine } from './terminal/text.ts'

export type { Io, Terminal } from './io.ts'

/** The exit code of a run: it went well, it failed, the command line was wrong. */
export type ExitCode = 0 | 1 | 2

/** Runs a command line, without the program's name. It touches nothing of the process but files and sockets. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    await program(io).parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    tell(io, io.signal.aborted ? ['stopped'] : explain(error))
    return isUsageError(error) ? 2 : 1
  }
}

function program(io: Io): Command {
  const weft = new Command('weft').description('libp2p from the command line').version(version)
  configure(weft, io)
  for (const make of [
    nodeCommand,
    idCommand,
    keyCommand,
    identifyCommand,
    pingCommand,
    connectCommand,
    perfCommand,
    multiaddrCommand,
    connectionsCommand,
    dialsCommand,
    peersCommand,
    disconnectCommand,
    clearBackoffCommand,
    limitsCommand,
    completionCommand
  ]) {
    weft.addCommand(configure(make(io), io))
  }
  return weft
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
