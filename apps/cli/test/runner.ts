/** Runs command lines in this process, and keeps what they print. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type ExitCode, run } from '../src/run.ts'

export interface Result {
  code: ExitCode
  out: string[]
  err: string[]
  /** What `err` says, as one text, where it is one error: its further lines are indented. */
  error: string | undefined
}

/** `onOut` is called with each line as it is printed. */
export async function weft(
  argv: string[],
  signal: AbortSignal = new AbortController().signal,
  onOut: (line: string) => void = () => {}
): Promise<Result> {
  const out: string[] = []
  const err: string[] = []
  const code = await run(argv, {
    out(line) {
      out.push(...line.split('\n'))
      onOut(line)
    },
    err: line => void err.push(...line.split('\n')),
    draw: undefined,
    terminal: undefined,
    signal
  })
  const isOne = err[0]?.startsWith('weft: ') === true && err.slice(1).every(line => line.startsWith('  '))
  return { code, out, err, error: isOne ? err.map(line => line.trim()).join(' ') : undefined }
}

export async function newFolder(): Promise<string> {
  return await mkdtemp(path.join(tmpdir(), 'weft-cli-'))
}

export interface RunningNode {
  /** Its addresses. */
  lines: string[]
  /** What it says on standard error. */
  errors: string[]
  stop(): Promise<ExitCode>
}

/** A node of `weft node` in this process. */
export async function startNode(...argv: string[]): Promise<RunningNode> {
  const stop = new AbortController()
  const lines: string[] = []
  let started!: () => void
  const ready = new Promise<void>(resolve => {
    started = resolve
  })
  const errors: string[] = []
  const code = run(['node', '--listen', '/ip4/127.0.0.1/tcp/0', ...argv], {
    out(line) {
      lines.push(line)
      started()
    },
    err: line => void errors.push(line),
    draw: undefined,
    terminal: undefined,
    signal: stop.signal
  })
  await Promise.race([
    ready,
    code.then(() => {
      throw new Error(errors.join('\n'))
    })
  ])
  return {
    lines,
    errors,
    stop() {
      stop.abort()
      return code
    }
  }
}
