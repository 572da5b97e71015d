/**
 * Validates a user's options against a table of rules: the error names an option of the wrong type or with a misspelt
 * name.
 */
import { InvalidParametersError } from './libp2p-errors.ts'
import type { OptionRule, OptionTable } from './option-rules.ts'

/** Marks a node's components object, so that a factory that was not called is recognised. */
export const componentsSymbol: unique symbol = Symbol.for('@weft/components') as never

/** Logs what `checkOptions` found but accepted, once. */
export type TellNotices = (components?: unknown) => void

// More edits are not a typo; in names of three letters one edit makes another word.
const maxEdits = 2
const shortName = 3
const maxShownText = 40

/**
 * Throws `InvalidParametersError`, whose `option` names the invalid option. Returns a function that logs the names that
 * are accepted without an effect: those of js-libp2p's types under `libp2p:options`, unknown ones under
 * `libp2p:options:warn`.
 *
 * Options with the value undefined are ignored. Unknown names are reported only in plain objects: instances of classes
 * have other fields.
 *
 * @param factory - the name of the factory, such as `tcp`; empty for `createLibp2p`
 */
export function checkOptions(factory: string, table: OptionTable, given: unknown): TellNotices {
  const check: Check = new Check(factory)
  if (typeof given !== 'object' || given === null) {
    check.refuse('options', `must be an object, not ${describeValue(given, false)}`)
  }
  if ((given as Record<symbol, unknown>)[componentsSymbol] === true) {
    const message = `the factory was not called: write ${factory}(), not ${factory}`
    throw new InvalidParametersError(message, { facts: { notCalled: factory } })
  }
  check.table('', table, given)
  return check.tell
}

/** Describes a value in an error message: `the text "5s"`, `a PeerId`. Secrets are not shown. */
export function describeValue(value: unknown, secret: boolean): string {
  if (typeof value === 'string') return secret ? 'a text' : `the text ${JSON.stringify(value.slice(0, maxShownText))}`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return 'an array'
  const tag = Object.prototype.toString.call(value).slice('[object '.length, -1)
  if (tag === 'Promise') return 'a promise: await it first'
  if (tag === 'Object') return 'an object of another kind'
  return `${/^[AEIOU](?!nt)/.test(tag) ? 'an' : 'a'} ${tag}`
}

class Check {
  private readonly _factory: string
  private _unused: string[] = []
  private _unknown: string[] = []

  constructor(factory: string) {
    this._factory = factory
  }

  readonly tell: TellNotices = components => {
    if (this._unused.length === 0 && this._unknown.length === 0) return
    const logger = (components as { logger?: { forComponent(name: string): (...args: unknown[]) => void } } | undefined)
      ?.logger
    if (logger === undefined) return
    const place = this._factory === '' ? 'createLibp2p' : this._factory
    for (const option of this._unused) {
      logger.forComponent('libp2p:options')('%s: %s has no effect: it has no equivalent here', place, option)
    }
    for (const option of this._unknown) logger.forComponent('libp2p:options:warn')('%s: %s is unknown', place, option)
    this._unused = []
    this._unknown = []
  }

  table(path: string, table: OptionTable, given: object): void {
    const values = given as Record<string, unknown>
    // Checked first, as a misspelt name may be the reason why another option is missing.
    for (const name of isPlain(given) ? Object.keys(given) : []) {
      if (Object.hasOwn(table, name) || values[name] === undefined) continue
      const near = nearest(name, table)
      if (near !== undefined) this.refuse(path + name, `is unknown: is ${path}${near} meant?`)
      this._unknown.push(path + name)
    }
    for (const [name, rule] of Object.entries(table)) {
      const value = values[name]
      if (value !== undefined) this._value(path + name, rule, value)
      else if (rule.required === true) this.refuse(path + name, `is missing: it must be ${rule.must}`)
    }
  }

  refuse(option: string, why: string): never {
    const prefix = this._factory === '' ? '' : `${this._factory}: `
    throw new InvalidParametersError(`${prefix}${option} ${why}`, { facts: { option } })
  }

  private _value(option: string, rule: OptionRule, value: unknown): void {
    if (rule.instead !== undefined) this.refuse(option, `is not an option: ${rule.instead}`)
    if (rule.unused === true) this._unused.push(option)
    if (!rule.is(value)) this.refuse(option, `must be ${rule.must}, not ${describeValue(value, rule.secret === true)}`)
    if (value === null) return
    if (rule.group !== undefined) this.table(`${option}.`, rule.group, value as object)
    if (rule.each !== undefined) {
      for (const [i, entry] of (value as unknown[]).entries()) this._value(`${option}[${i}]`, rule.each, entry)
    }
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** The option most similar to a misspelt name, if it is similar enough. */
function nearest(name: string, table: OptionTable): string | undefined {
  let best: string | undefined
  let least = maxEdits + 1
  for (const [known, { instead }] of Object.entries(table)) {
    if (instead !== undefined) continue
    const edits = editsBetween(name, known)
    const most = Math.min(name.length, known.length) <= shortName ? 1 : maxEdits
    if (edits > most || edits >= least) continue
    best = known
    least = edits
  }
  return best
}

/** The Levenshtein distance, or a number above `maxEdits` if it is larger. */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > maxEdits) return maxEdits + 1
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
