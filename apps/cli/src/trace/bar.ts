/** The bar of an address: time from left to right, a letter for each stage. */
import type { Span, Style } from '../terminal/spans.ts'
import type { End, Stage, Timeline } from './timeline.ts'

interface Mark {
  sign: string
  name: string
  style: Style | undefined
}

const stages: Readonly<Record<Stage, Mark>> = {
  wait: { sign: '.', name: 'wait', style: 'faint' },
  resolve: { sign: 'r', name: 'resolve', style: 'busy' },
  connect: { sign: 'c', name: 'connect', style: 'busy' },
  negotiate: { sign: 'n', name: 'negotiate', style: 'busy' },
  secure: { sign: 's', name: 'secure', style: 'busy' },
  mux: { sign: 'm', name: 'mux', style: 'busy' },
  identify: { sign: 'i', name: 'identify', style: 'busy' }
}

const ends: Readonly<Record<End['kind'], Mark>> = {
  connected: { sign: '*', name: 'connected', style: 'good' },
  resolved: { sign: '=', name: 'resolved', style: 'good' },
  failed: { sign: 'x', name: 'failed', style: 'bad' },
  cancelled: { sign: '-', name: 'given up', style: 'faint' },
  filtered: { sign: '!', name: 'left out', style: 'faint' }
}

const nothing: Mark = { sign: ' ', name: '', style: undefined }

/** The marks of `width` columns, of which the last ends `total` ms after the dial began. */
export function barMarks({ spans, end }: Timeline, total: number, width: number): Mark[] {
  const column = total / width
  const marks = Array.from({ length: width }, (_, at) => stageIn(spans, at * column, (at + 1) * column, total))
  if (end === undefined || width < 1) return marks
  const at = Math.min(width - 1, Math.max(0, Math.floor(end.at / column)))
  marks[at] = ends[end.kind] ?? nothing
  return marks
}

/** The marks, those of one kind together. */
export function barSpans(marks: readonly Mark[]): Span[] {
  const spans: Span[] = []
  for (const { sign, style } of marks) {
    const last = spans.at(-1)
    if (last !== undefined && last.style === style) last.text += sign
    else spans.push({ text: sign, style })
  }
  return spans
}

/** What the signs of these bars mean, in the order in which a dial goes. */
export function legend(bars: readonly (readonly Mark[])[]): string[] {
  const used = new Set(bars.flat())
  return [...Object.values(stages), ...Object.values(ends)]
    .filter(mark => used.has(mark))
    .map(({ sign, name }) => `${sign} ${name}`)
}

/** The stage that takes most of a column's time. */
function stageIn(spans: Timeline['spans'], from: number, to: number, total: number): Mark {
  let most = 0
  let mark = nothing
  for (const span of spans) {
    const overlap = Math.min(to, span.to ?? total) - Math.max(from, span.from)
    if (overlap <= most) continue
    most = overlap
    mark = stages[span.stage] ?? nothing
  }
  return mark
}
