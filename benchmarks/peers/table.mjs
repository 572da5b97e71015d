// A run as Markdown.
import { tableOf, textOf } from '../markdown.mjs'
import { figures, keyOf, securities } from './plan.mjs'

/**
 * `run`: `{ pairs, titles, medians, conditions, command }`, of which `conditions` are sentences, `titles` name -> title, and
 * `command` what `weft ping` takes, if that was measured.
 */
export function markdown({ pairs, titles, medians, conditions, command }) {
  const columns = securities.flatMap(security => Object.keys(figures).map(figure => ({ security, figure })))
  const head = columns.map(({ security, figure }) => `${security} ${figures[figure].title}, ${figures[figure].unit}`)
  const rows = pairs.map(([client, server]) => [
    `${titles[client]} > ${titles[server]}`,
    ...columns.map(({ security, figure }) =>
      textOf(medians[keyOf(client, server, security, figure)], figures[figure].digits)
    )
  ])
  const table = `${conditions.join(' ')}\n\n${tableOf(['client > server', ...head], rows)}`
  if (command === undefined) return table
  const [published, source] = [command.published, command.source].map(ms => `${textOf(ms, 0)} ms`)
  const what = '`weft ping`, from the start of its process to the answer'
  return `${table}\n\n${what}: ${published} as it is published, ${source} from the source tree.`
}
