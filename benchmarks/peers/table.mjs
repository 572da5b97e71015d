// A run as Markdown.
import { figures, keyOf, securities } from './plan.mjs'

/** `run`: `{ pairs, titles, medians, conditions }`, of which `conditions` are sentences and `titles` name -> title. */
export function markdown({ pairs, titles, medians, conditions }) {
  const columns = securities.flatMap(security => Object.keys(figures).map(figure => ({ security, figure })))
  const head = columns.map(({ security, figure }) => `${security} ${figures[figure].title}, ${figures[figure].unit}`)
  const rows = pairs.map(([client, server]) => [
    `${titles[client]} > ${titles[server]}`,
    ...columns.map(({ security, figure }) =>
      textOf(medians[keyOf(client, server, security, figure)], figures[figure].digits)
    )
  ])
  return `${conditions.join(' ')}\n\n${tableOf(['client > server', ...head], rows)}`
}

/** The text between the two marks of a document, replaced. Throws when they are not there. */
export function replaceBetween(text, [begin, end], content) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`no ${begin} with ${end} behind it`)
  return `${text.slice(0, from + begin.length)}\n\n${content}\n${text.slice(to)}`
}

function textOf(value, digits) {
  if (value === undefined) return '-'
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function tableOf(head, rows) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map(row => row[i].length)))
  const line = cells =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |\n`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [head, rule, ...rows].map(line).join('')
}
