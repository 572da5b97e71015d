/** The command: signals, mistakes and output of the process around one command line. */
import type { Io } from './io.ts'
import { terminalOf } from './terminal/terminal.ts'

/** Milliseconds in which a second signal counts as the same one: a terminal and npm may both pass it on. */
const sameSignal = 500

/** Milliseconds after which a command that was told to stop ends, whatever it waits for. */
const exitTimeout = 2_000

/** The exit code of a mistake in weft: `EX_SOFTWARE` of BSD's sysexits. */
const crashed = 70

const stop = new AbortController()
let stopAt = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    const now = performance.now()
    // Whoever asks twice does not want to wait.
    if (stop.signal.aborted && now - stopAt > sameSignal) process.exit(1)
    if (stop.signal.aborted) return
    stopAt = now
    stop.abort()
    setTimeout(() => process.exit(1), exitTimeout)
  })
}

const { stdout, stderr } = process
// A mistake of weft's: never without a trace, and told apart from a command that failed.
for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(kind, (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    stderr.write(`weft: this is a mistake in weft, please report it: ${text}\n`, () => process.exit(crashed))
  })
}
const io: Io = {
  out: line => void stdout.write(`${line}\n`),
  err: line => void stderr.write(`${line}\n`),
  draw: stderr.isTTY ? text => void stderr.write(`\r\u001b[K${text}`) : undefined,
  terminal: terminalOf(stdout, process.env),
  signal: stop.signal
}
// A reader that has seen enough, such as `head`, is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

// After the signals and mistakes are seen to: a mistake while it loads is one too.
const { run } = await import('./run.ts')
const code = await run(process.argv.slice(2), io)
// Not by itself: something that is slow to close must not keep the command.
stdout.write('', () => process.exit(code))
