/** Draws a dial: a row for each address, its stages over time, and what became of it. A function of its arguments alone. */
import { withoutPeer } from '../targets.ts'
import { clipLine, type Line, type Style } from '../terminal/spans.ts'
import { clip, duration, narrow, shorten, wrap } from '../terminal/text.ts'
import { barMarks, barSpans, legend } from './bar.ts'
import type { TraceStep } from './step.ts'
import { type End, reasonOf, type Timeline, timelines } from './timeline.ts'

/** A dial, as it is now or was at its end. Times are in ms since it began. */
export interface DialDrawing {
  /** Whom it is to: the peer id, where that is known. */
  target: string
  steps: readonly TraceStep[]
  elapsed: number
  outcome:
    | { kind: 'running' }
    /** `identified`: how long identify took then. */
    | { kind: 'connected'; identified?: number | undefined }
    | { kind: 'failed' }
}

/** Lines of at most `width` columns. Nothing in the drawing makes a terminal do anything. */
export function drawDial(dial: DialDrawing, width: number): Line[] {
  const identified = dial.outcome.kind === 'connected' ? dial.outcome.identified : undefined
  const rows = timelines(dial.steps, identified).map(line => row(line, dial.target))
  const total = Math.max(shortest, dial.elapsed, ...dial.steps.map(({ at }) => at))
  const layout = layoutOf(rows, width)
  const marks = rows.map(({ line }) => barMarks(line, total, layout.bar))
  const count = rows.filter(({ line: { end } }) => end?.kind !== 'resolved').length
  const lines: Line[] = [headline(dial, count, width)]
  if (rows.length > 0) lines.push(titles(layout, total))
  for (const [at, { source, address, short, reason, style }] of rows.entries()) {
    const full = withReason(short, reason)
    const fits = full.length <= layout.outcome
    lines.push([
      { text: `${clip(source, layout.source).padEnd(layout.source)}  `, style: 'faint' },
      { text: `${shorten(address, layout.address).padEnd(layout.address)}  ` },
      ...barSpans(marks[at]!),
      { text: `  ${fits ? full : short}`, style }
    ])
    if (fits || reason === undefined) continue
    const indent = ' '.repeat(layout.source + gap)
    const [first = '', ...rest] = wrap(reason, Math.max(1, width - indent.length))
    for (const text of [first, ...rest].slice(0, maxReasonLines)) lines.push([{ text: indent + text, style }])
  }
  for (const text of flow(legend(marks), width)) lines.push([{ text, style: 'faint' }])
  return lines.map(line => clipLine(line, width))
}

const gap = 2
// Milliseconds: what took less is drawn as if it had taken this.
const shortest = 1
// A reason that is longer is in the error, and with --json.
const maxReasonLines = 3

interface Row {
  line: Timeline
  source: string
  address: string
  /** What became of it, in a few words. */
  short: string
  reason: string | undefined
  style: Style | undefined
}

function row(line: Timeline, target: string): Row {
  const { end } = line
  const reason = end === undefined ? undefined : reasonOf(end)
  return {
    line,
    source: narrow(sourceOf(line)),
    address: narrow(withoutPeer(line.address, target)),
    short: end === undefined ? stateOf(line) : outcomeOf(end),
    // The row says which address.
    reason: reason === undefined ? undefined : narrow(reason.replaceAll(line.address, 'it')),
    style: end === undefined ? undefined : styles[end.kind]
  }
}

const styles: Readonly<Record<End['kind'], Style>> = {
  connected: 'good',
  resolved: 'good',
  failed: 'bad',
  cancelled: 'faint',
  filtered: 'faint'
}

function outcomeOf(end: End): string {
  switch (end.kind) {
    case 'connected':
      return `connected, ${duration(end.elapsed)}`
    case 'resolved':
      return `led to ${end.count}, ${duration(end.elapsed)}`
    case 'failed':
      return `failed at ${end.stage}, ${duration(end.elapsed)}`
    case 'cancelled':
      return `${end.stage === 'wait' ? 'not tried' : 'given up'}, ${duration(end.elapsed)}`
    case 'filtered':
      return 'left out'
  }
}

/** What it is at, or was as the drawing ended. */
function stateOf({ waiting, spans }: Timeline): string {
  if (waiting === undefined) return `at ${narrow(spans.at(-1)?.stage ?? 'wait')}`
  if (waiting.until !== undefined) return `rests until ${duration(waiting.until)}`
  return waiting.for === 'stagger' ? 'waits for its turn' : 'waits for a token'
}

/** Who brought an address: of a name that it was resolved from the kind is told, the name has a row of its own. */
function sourceOf({ source }: Timeline): string {
  return source.startsWith('/') ? (source.split('/')[1] ?? '') : source
}

/** Entries in as few lines as they fit. */
function flow(entries: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const entry of entries) {
    const longer = lines.length === 0 ? entry : `${lines.at(-1)}  ${entry}`
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(entry)
  }
  return lines
}

interface Layout {
  source: number
  address: number
  bar: number
  outcome: number
}

function layoutOf(rows: readonly Row[], width: number): Layout {
  const longest = (text: (row: Row) => string, title: string): number =>
    rows.reduce((most, row) => Math.max(most, text(row).length), title.length)
  const source = Math.min(
    12,
    longest(row => row.source, 'source')
  )
  const room = width - source - 3 * gap
  const natural = longest(row => row.address, 'address')
  const short = longest(row => row.short, 'outcome')
  const full = longest(row => withReason(row.short, row.reason), 'outcome')
  // The bar gets a quarter at least; a reason that does not fit has lines of its own.
  const quarter = Math.floor(room / 4)
  const address = Math.min(natural, Math.max(12, room - quarter - short))
  const outcome = Math.max(short, Math.min(full, room - quarter - address))
  return { source, address, outcome, bar: Math.min(60, Math.max(8, room - address - outcome)) }
}

function headline({ target, steps, elapsed, outcome }: DialDrawing, count: number, width: number): Line {
  const time = duration(outcome.kind === 'connected' ? elapsed - (outcome.identified ?? 0) : elapsed)
  const how = {
    running: [`dialing for ${time}`, 'busy'],
    connected: [steps.length === 0 ? 'was connected already' : `connected after ${time}`, 'good'],
    failed: [`failed after ${time}`, 'bad']
  } as const
  const [text, style] = how[outcome.kind]
  const addresses = steps.length === 0 ? ': ' : `: ${count} ${count === 1 ? 'address' : 'addresses'}, `
  const room = Math.max(12, width - addresses.length - text.length)
  return [{ text: shorten(narrow(target), room) + addresses }, { text, style }]
}

function titles({ source, address, bar }: Layout, total: number): Line {
  const scale = `0${duration(total).padStart(bar - 1)}`
  const text = `${'source'.padEnd(source)}  ${'address'.padEnd(address)}  ${scale}  outcome`
  return [{ text, style: 'faint' }]
}

function withReason(short: string, reason: string | undefined): string {
  return reason === undefined ? short : `${short}: ${reason}`
}
