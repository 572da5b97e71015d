// A run as Markdown.
import { tableOf, textOf } from '../markdown.mjs'
import { keyOf, pointOf, questions } from './plan.mjs'

/**
 * `run`: `{ names, impls, titles, points, medians, failed, conditions }`: `names` of questions, `points` of each of them, `failed`
 * point -> reason. `charts`: question -> file.
 */
export function markdown(run, charts = {}) {
  return [run.conditions.join(' '), ...run.names.map(name => section(name, run, charts[name]))].join('\n\n')
}

function section(name, { impls, titles, points, medians, failed }, chart) {
  const { title, amount, figures } = questions[name]
  const columns = Object.keys(figures).flatMap(figure => impls.map(impl => ({ figure, impl })))
  const head = columns.map(({ figure, impl }) => `${titles[impl]}: ${figures[figure].title}, ${figures[figure].unit}`)
  const rows = points[name].map(point => [
    textOf(point, 0),
    ...columns.map(({ figure, impl }) => textOf(medians[keyOf(name, point, impl, figure)], figures[figure].digits))
  ])
  const reasons = points[name].flatMap(point =>
    impls
      .filter(impl => failed[pointOf(name, point, impl)] !== undefined)
      .map(impl => `- ${titles[impl]}, ${textOf(point, 0)} ${amount}: ${failed[pointOf(name, point, impl)]}`)
  )
  const parts = [`### ${title}`, tableOf([amount, ...head], rows).trimEnd()]
  if (reasons.length > 0) parts.push(reasons.join('\n'))
  if (chart !== undefined) parts.push(`![${title}](${chart})`)
  return parts.join('\n\n')
}
