// A run as Markdown.
import { tableOf, textOf } from '../markdown.mjs'
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
