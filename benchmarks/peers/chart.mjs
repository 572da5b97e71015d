// Throughput of a run as an SVG: a panel for each security, a pair of bars for each client and server.
import { legendEntry, page, text } from '../svg.mjs'
import { keyOf, securities } from './plan.mjs'

const LABEL = 250
const BARS = 460
const NUMBER = 60
const ROW = 34
const BAR = 12
const HEAD = 44
const TOP = 34
const WIDTH = LABEL + BARS + NUMBER

const directions = [
  ['upload', '#2f6f9f'],
  ['download', '#e0912f']
]

/** `run`: as of ./table.mjs. Bars of all panels have one scale. */
export function svg({ pairs, titles, medians }) {
  const valueOf = (pair, security, direction) => medians[keyOf(...pair, security, direction)]
  const all = securities.flatMap(security =>
    pairs.flatMap(pair => directions.map(([direction]) => valueOf(pair, security, direction) ?? 0))
  )
  const scale = BARS / Math.max(1, ...all)
  const panel = HEAD + pairs.length * ROW
  const parts = [legend()]
  for (const [i, security] of securities.entries()) {
    const top = TOP + i * panel
    parts.push(text(8, top + 26, `${security} + yamux, MB/s`, 'font-weight="bold"'))
    for (const [row, pair] of pairs.entries()) {
      const y = top + HEAD + row * ROW
      parts.push(text(LABEL - 8, y + BAR + 4, `${titles[pair[0]]} > ${titles[pair[1]]}`, 'text-anchor="end"'))
      for (const [j, [direction, colour]] of directions.entries()) {
        parts.push(bar(y + j * BAR, valueOf(pair, security, direction), scale, colour))
      }
    }
  }
  const height = TOP + securities.length * panel + 8
  return page(WIDTH, height, parts)
}

function legend() {
  return directions.map(([direction, colour], i) => legendEntry(LABEL + i * 100, colour, direction)).join('\n')
}

function bar(y, value, scale, colour) {
  if (value === undefined) return text(LABEL, y + BAR - 2, '-')
  const width = (value * scale).toFixed(1)
  const number = text(LABEL + Number(width) + 4, y + BAR - 2, Math.round(value), 'font-size="10"')
  return `<rect x="${LABEL}" y="${y}" width="${width}" height="${BAR - 1}" fill="${colour}"/>\n${number}`
}
