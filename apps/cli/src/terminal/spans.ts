import { clip } from './text.ts'

/** How a part of a line is shown where there are colours. */
export type Style = 'good' | 'bad' | 'busy' | 'faint'

/** A part of a line: narrow text. */
export interface Span {
  text: string
  style?: Style | undefined
}

/** A line of a drawing. */
export type Line = readonly Span[]

/** The text of a line, in colours or without. */
export function lineText(line: Line, colours: boolean): string {
  return line.map(({ text, style }) => (colours && style !== undefined ? paint(text, style) : text)).join('')
}

/** At most `width` columns of a line, without spaces at its end. */
export function clipLine(line: Line, width: number): Line {
  const clipped: Span[] = []
  let left = width
  for (const span of line) {
    const text = clip(span.text, left)
    clipped.push({ ...span, text })
    left -= text.length
    if (text !== span.text) break
  }
  while (clipped.at(-1)?.text.trimEnd() === '') clipped.pop()
  const last = clipped.pop()
  return last === undefined ? [] : [...clipped, { ...last, text: last.text.trimEnd() }]
}

// The terminal's own colours, so that its user's choice of them holds: green, red, cyan, and less bright.
const codes: Readonly<Record<Style, number>> = { good: 32, bad: 31, busy: 36, faint: 2 }

function paint(text: string, style: Style): string {
  return `\u001b[${codes[style]}m${text}\u001b[0m`
}
