// Tables of figures in Markdown, and their place in a document.

/** The first column to the left, the others, which are numbers, to the right. */
export function tableOf(head, rows) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map(row => row[i].length)))
  const line = cells =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |\n`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [head, rule, ...rows].map(line).join('')
}

/** A dash for what was not measured. */
export function textOf(value, digits) {
  if (value === undefined) return '-'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** The text between the two marks of a document, replaced. Throws when they are not there. */
export function replaceBetween(text, [begin, end], content) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no ${begin} with ${end} behind it`)
  return `${text.slice(0, from + begin.length)}\n\n${content}\n${text.slice(to)}`
}
