#!/usr/bin/env node
import type { Io } from './io.ts'
import { run } from './run.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait.
    if (stop.signal.aborted) process.exit(1)
    stop.abort()
  })
}

const { stdout, stderr } = process
const io: Io = {
  out: line => void stdout.write(`${line}\n`),
  err: line => void stderr.write(`${line}\n`),
  draw: stderr.isTTY ? text => void stderr.write(`\r\u001b[K${text}`) : undefined,
  signal: stop.signal
}
// A reader that has seen enough, such as `head`, is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const code = await run(process.argv.slice(2), io)
// Not by itself: something that is slow to close must not keep the command.
stdout.write('', () => process.exit(code))
