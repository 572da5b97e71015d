// A cell is one thing that must work between two implementations: a group, a name and a time limit.

/** Runs cells one after the other and keeps `{ group, name, ok, ms, error? }` of each. */
export class Cells {
  results = []
  #only

  constructor(only) {
    this.#only = only
  }

  wants(group, name) {
    return this.#only === undefined || `${group} / ${name}`.includes(this.#only)
  }

  /** Returns whether it passed. */
  async run(group, name, limitMs, body) {
    if (!this.wants(group, name)) return true
    const started = performance.now()
    let timer
    const limit = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done within ${limitMs} ms`)), limitMs)
    })
    let error
    try {
      await Promise.race([body(), limit])
    } catch (caught) {
      error = caught
    }
    clearTimeout(timer)
    const ms = Math.round(performance.now() - started)
    const text = error && `${error.name}: ${error.message}`
    this.add({ group, name, ok: error === undefined, ms, ...(error ? { error: text } : {}) })
    return error === undefined
  }

  /** What the foreign peer cannot do: the reason stands in place of a result. */
  limit(group, name, reason) {
    if (!this.wants(group, name)) return
    this.results.push({ group, name, limit: reason })
    process.stdout.write(`-    ${group} / ${name}: ${reason}\n`)
  }

  add(result) {
    this.results.push(result)
    const { group, name, ok, ms, error } = result
    process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${group} / ${name} (${ms} ms)${ok ? '' : `\n     ${error}`}\n`)
  }
}

/** One line per group, one column per cell name, milliseconds in the cells; a number refers to the list of limits below it. */
export function table(results) {
  const blocks = new Map()
  const limits = [...new Set(results.map(({ limit }) => limit).filter(limit => limit !== undefined))]
  for (const { group, name, ok, ms, limit } of results) {
    if (!blocks.has(group)) blocks.set(group, [])
    const value = limit === undefined ? (ok ? `${ms}` : 'FAIL') : `[${limits.indexOf(limit) + 1}]`
    blocks.get(group).push([name, value])
  }
  const width = 2 + Math.max(28, ...[...blocks.keys()].map(group => group.length))
  let text = ''
  let lastHeader
  for (const [group, cells] of blocks) {
    const header = cells.map(([name]) => name.padEnd(12)).join('  ')
    if (header !== lastHeader) text += `\n${''.padEnd(width)}${header}\n`
    lastHeader = header
    text += `${group.padEnd(width)}${cells.map(([name, value]) => value.padEnd(Math.max(12, name.length))).join('  ')}\n`
  }
  return limits.reduce((list, limit, i) => `${list}${i === 0 ? '\n' : ''}[${i + 1}] ${limit}\n`, text)
}

export function summary(results) {
  const run = results.filter(({ limit }) => limit === undefined)
  const passed = run.filter(({ ok }) => ok).length
  return { passed, failed: run.length - passed }
}
