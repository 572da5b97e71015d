/** What became of each address of a dial, from the steps of its trace. */
import type { TraceStep } from './step.ts'

/** A stage of a dial, as js `stage` steps name it. */
export type Stage = Extract<TraceStep, { kind: 'stage' }>['stage']

/** A time that an address spent in a stage, in ms since the dial began. */
interface Span {
  stage: Stage
  from: number
  /** Undefined while it lasts. */
  to: number | undefined
}

/** The last step of an address. */
export type End = Extract<TraceStep, { kind: 'filtered' | 'resolved' | 'failed' | 'cancelled' | 'connected' }>

/** One address of a dial. */
export interface Timeline {
  address: string
  source: string
  spans: Span[]
  /** What it waits for, if it does. */
  waiting: Extract<TraceStep, { kind: 'waiting' }> | undefined
  end: End | undefined
}

/** The addresses, in the order in which they came. `identified`: how long identify took on the connection that was made. */
export function timelines(steps: readonly TraceStep[], identified?: number): Timeline[] {
  const found = new Map<string, Timeline>()
  for (const step of steps) {
    if (step.kind === 'source') continue
    const line = found.get(step.address) ?? begin(step.address)
    found.set(step.address, line)
    if (step.kind === 'added') line.source = step.source
    take(line, step)
    if (step.kind !== 'connected' || identified === undefined) continue
    line.spans.push({ stage: 'identify', from: step.at, to: step.at + identified })
  }
  return [...found.values()]
}

/** Why it ended so, if there is a reason. */
export function reasonOf(end: End): string | undefined {
  return end.kind === 'failed' ? end.error.message : 'reason' in end ? end.reason : undefined
}

function begin(address: string): Timeline {
  return { address, source: '', spans: [], waiting: undefined, end: undefined }
}

function take(line: Timeline, step: Exclude<TraceStep, { kind: 'source' }>): void {
  line.waiting = step.kind === 'waiting' ? step : undefined
  switch (step.kind) {
    case 'added':
    case 'waiting':
      enter(line, 'wait', step.at)
      break
    case 'started':
      enter(line, 'connect', step.at)
      break
    case 'stage':
      enter(line, step.stage, step.at)
      break
    default:
      leave(line, step.at)
      line.end = step
  }
}

function enter(line: Timeline, stage: Stage, at: number): void {
  const last = line.spans.at(-1)
  if (last?.stage === stage && last.to === undefined) return
  leave(line, at)
  line.spans.push({ stage, from: at, to: undefined })
}

function leave({ spans }: Timeline, at: number): void {
  const last = spans.at(-1)
  if (last !== undefined) last.to ??= at
}
