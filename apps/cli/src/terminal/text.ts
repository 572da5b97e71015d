/** Text for a terminal. What a peer has sent may hold anything: nothing of it may move the cursor or break a column. */

/** Text without line breaks and without what a terminal obeys or does not show. */
export function oneLine(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
    .trim()
}

/**
 * Text of which every character takes one column: for others, such as ideographs and emoji, which terminals draw in one
 * column or two, there is a `?`.
 */
export function narrow(text: string): string {
  return oneLine(text).replace(/[^\x20-\x7e…]/gu, character =>
    character < '\u0530' && /\p{L}/u.test(character) ? character : '?'
  )
}

/** Narrow text in at most `width` columns, its end left out. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text
  return width < 1 ? '' : `${text.slice(0, width - 1)}…`
}

/** Narrow text in at most `width` columns, its middle left out: both ends tell addresses and ids apart. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text
  const tail = Math.floor((width - 1) / 2)
  return tail < 1 ? clip(text, width) : `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`
}

/** Narrow text in lines of at most `width` columns, broken at spaces where there are any. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (let rest = text; rest !== ''; ) {
    const space = rest.length <= width ? rest.length : rest.lastIndexOf(' ', width)
    const end = space > 0 ? space : Math.max(1, width)
    lines.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return lines
}

/** JSON that may be shown on a terminal: what it would obey, or not show, is escaped. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, character =>
    [...Array(character.length).keys()]
      .map(at => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join('')
  )
}

/** Milliseconds as text of few columns: `0.4 ms`, `48 ms`, `1.2 s`, `3 min`, `5 h`, `2 d`. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${ms.toFixed(0)} ms`
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`
  return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`
}
