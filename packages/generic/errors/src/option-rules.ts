/** Rules for options, in tables that `checkOptions` uses. */

/** The rule of one option. */
export interface OptionRule {
  /** Ends the sentence "The option must be ...". */
  readonly must: string
  /** Whether the value is valid. Never called with `undefined`. */
  readonly is: (value: unknown) => boolean
  /** The rules of its options, for a group of options. */
  readonly group?: OptionTable
  /** The rule of each element, for an array. */
  readonly each?: OptionRule
  /** Whether the value must not be shown: a key. */
  readonly secret?: boolean
  /** Whether it is required. */
  readonly required?: boolean
  /** Whether it is an option of js-libp2p without an effect here: it is accepted and logged. */
  readonly unused?: boolean
  /** The replacement of an option of an earlier js-libp2p, for the error message. */
  readonly instead?: string
}

/** The options of one place, by name. With a type of options, one that is not listed does not compile. */
export type OptionTable<T = unknown> = { readonly [K in keyof T]-?: OptionRule } & {
  readonly [name: string]: OptionRule
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('then' in value)

/** Any value: it is checked elsewhere. */
export const anything: OptionRule = { must: 'anything', is: () => true }
/** `true` or `false`. */
export const flag: OptionRule = { must: 'true or false', is: value => typeof value === 'boolean' }
/** A string. */
export const text: OptionRule = { must: 'a text', is: value => typeof value === 'string' }
/** A `Uint8Array`. Its content is not shown in errors. */
export const secretBytes: OptionRule = {
  must: 'a Uint8Array',
  is: value => value instanceof Uint8Array,
  secret: true
}
/** A function. */
export const callback: OptionRule = { must: 'a function', is: value => typeof value === 'function' }
/** An object whose content is checked elsewhere. */
export const anObject: OptionRule = { must: 'an object', is: isObject }
/** An option of js-libp2p without an equivalent here. */
export const unused: OptionRule = { ...anything, unused: true }

/** A number from `least` to `most`. Without `most`, `Infinity` too. */
export function amount(least: number = 0, most: number = Number.POSITIVE_INFINITY): OptionRule {
  return { must: `a number ${range(least, most)}`, is: value => isNumber(value) && value >= least && value <= most }
}

/** A number greater than 0, `Infinity` too. */
export const positive: OptionRule = {
  must: 'a number greater than 0',
  is: value => isNumber(value) && value > 0
}

/** A whole number from `least` to `most`. Without `most`, `Infinity` too. */
export function whole(least: number = 0, most: number = Number.POSITIVE_INFINITY): OptionRule {
  const { is } = amount(least, most)
  return {
    must: `a whole number ${range(least, most)}`,
    is: value => is(value) && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)
  }
}

/** A number of milliseconds that a timer can wait: from `least` to 2^31 - 1. */
export function delay(least: number = 1): OptionRule {
  return { ...amount(least, 2 ** 31 - 1), must: `${least} to 2147483647 milliseconds` }
}

/** One of these values. */
export function oneOf(...values: readonly unknown[]): OptionRule {
  return { must: `one of ${values.join(', ')}`, is: value => values.includes(value) }
}

/** An array whose elements all satisfy the rule. */
export function listOf(each: OptionRule, what: string = 'an array'): OptionRule {
  return { must: what, is: Array.isArray, each }
}

/** An object with these methods. */
export function having(must: string, ...methods: readonly string[]): OptionRule {
  const has = (value: object, name: string): boolean => typeof (value as Record<string, unknown>)[name] === 'function'
  return { must, is: value => isObject(value) && methods.every(name => has(value, name)) }
}

/** An object of options. */
export function group(table: OptionTable): OptionRule {
  return { ...anObject, must: 'an object of options', group: table }
}

/** The rule, but `null` is accepted too. */
export function orNull(rule: OptionRule): OptionRule {
  return { ...rule, is: value => value === null || rule.is(value) }
}

/** The rule, for a required option. */
export function needed(rule: OptionRule): OptionRule {
  return { ...rule, required: true }
}

/** An option of an earlier js-libp2p. `instead` ends the sentence "It is not an option: ...". */
export function replaced(instead: string): OptionRule {
  return { ...anything, instead }
}

function range(least: number, most: number): string {
  return most === Number.POSITIVE_INFINITY ? `of ${least} or more` : `from ${least} to ${most}`
}
