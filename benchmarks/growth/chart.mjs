// One question as an SVG: a panel for each figure, a line for each implementation.
import { legendEntry, page, text } from '../svg.mjs'
import { keyOf, questions } from './plan.mjs'

const LEFT = 64
const PLOT = { width: 440, height: 150 }
const TOP = 34
const HEAD = 36
const FOOT = 44
const WIDTH = LEFT + PLOT.width + 32

const colours = ['#2f6f9f', '#e0912f', '#5b8c3e', '#8c4a7a']

/** `run`: as of ./table.mjs. Every panel has a scale of its own, from 0; what was not measured has no place on its line. */
export function svg(name, run) {
  const { figures } = questions[name]
  const parts = run.impls.map((impl, i) => legendEntry(LEFT + i * 170, colours[i], run.titles[impl]))
  const panel = HEAD + PLOT.height + FOOT
  for (const [i, figure] of Object.keys(figures).entries()) parts.push(...panelOf(name, figure, TOP + i * panel, run))
  return page(WIDTH, TOP + Object.keys(figures).length * panel, parts)
}

function panelOf(name, figure, top, { impls, points, medians }) {
  const { amount, figures, linear = false } = questions[name]
  const { title, unit, from = 0 } = figures[figure]
  const shown = points[name].filter(point => point >= from)
  const valueOf = (impl, point) => medians[keyOf(name, point, impl, figure)]
  const most = ceiling(Math.max(0, ...shown.flatMap(point => impls.map(impl => valueOf(impl, point) ?? 0))))
  const across = acrossOf(shown, linear)
  const base = top + HEAD + PLOT.height
  const up = value => base - (Math.max(0, value) / most) * PLOT.height

  const parts = [text(8, top + 22, `${title}, ${unit}`, 'font-weight="bold"')]
  for (const share of [0, 0.5, 1]) {
    const y = up(share * most)
    parts.push(`<path d="M${LEFT} ${y}h${PLOT.width}" stroke="#ddd"/>`)
    parts.push(text(LEFT - 6, y + 4, (share * most).toLocaleString('en'), 'text-anchor="end" font-size="10"'))
  }
  for (const point of shown) {
    parts.push(text(across(point), base + 16, point.toLocaleString('en'), 'text-anchor="middle" font-size="10"'))
  }
  parts.push(text(LEFT + PLOT.width / 2, base + 32, amount, 'text-anchor="middle" font-size="10"'))
  for (const [i, impl] of impls.entries()) {
    const measured = shown.filter(point => valueOf(impl, point) !== undefined)
    const places = measured.map(point => [across(point).toFixed(1), up(valueOf(impl, point)).toFixed(1)])
    parts.push(...line(places, colours[i]))
  }
  return parts
}

function line(places, colour) {
  const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`)
  if (places.length < 2) return dots
  const path = places.map(place => place.join(' ')).join('L')
  return [`<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`, ...dots]
}

/** From a point to its place from left to right. */
function acrossOf(points, linear) {
  const measureOf = linear ? point => point : Math.log
  const [first, last] = [measureOf(points[0]), measureOf(points.at(-1))]
  return point => LEFT + (last > first ? ((measureOf(point) - first) / (last - first)) * PLOT.width : 0)
}

/** The next of 1, 2, 5, 10, 20, 50, ... that is no less. */
export function ceiling(value) {
  if (value <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= value)
}
