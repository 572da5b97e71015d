import { describe, expect, it } from 'vitest'
import {
  amount,
  callback,
  checkOptions,
  componentsSymbol,
  flag,
  group,
  listOf,
  needed,
  type OptionTable,
  replaced,
  secretBytes,
  text,
  unused,
  whole
} from './index.ts'

interface Options {
  timeout?: number
  count?: number
  key?: Uint8Array
  names?: string[]
  parts?: { enabled?: boolean }
  onEnd?: () => void
}

const table: OptionTable<Options> = {
  timeout: amount(1, 100),
  count: whole(),
  key: secretBytes,
  names: listOf(text),
  parts: group({ enabled: flag, kind: needed(text) }),
  onEnd: callback,
  idleTime: unused,
  timeLimit: replaced('use timeout')
}

const check = (given: unknown) => checkOptions('made', table, given)

/** What is logged, by the name of its logger. */
function logged(tell: (components: object) => void): string[] {
  const lines: string[] = []
  const forComponent =
    (name: string) =>
    (format: string, ...args: unknown[]): void => {
      lines.push(`${name} ${args.join(' ')} (${format.length > 0})`)
    }
  tell({ logger: { forComponent } })
  return lines
}

describe('options', () => {
  it.each([
    ['timeout', { timeout: '5s' }, 'made: timeout must be a number from 1 to 100, not the text "5s"'],
    ['timeout', { timeout: Number.NaN }, 'made: timeout must be a number from 1 to 100, not NaN'],
    ['timeout', { timeout: null }, 'made: timeout must be a number from 1 to 100, not null'],
    ['count', { count: 1.5 }, 'made: count must be a whole number of 0 or more, not 1.5'],
    ['key', { key: 'c2VjcmV0' }, 'made: key must be a Uint8Array, not a text'],
    ['names', { names: 'a' }, 'made: names must be an array, not the text "a"'],
    ['names[1]', { names: ['a', 1] }, 'made: names[1] must be a text, not 1'],
    [
      'parts',
      { parts: Promise.resolve({}) },
      'made: parts must be an object of options, not a promise: await it first'
    ],
    ['parts.enabled', { parts: { enabled: 'yes' } }, 'made: parts.enabled must be true or false, not the text "yes"'],
    ['parts.enabeld', { parts: { enabeld: true } }, 'made: parts.enabeld is unknown: is parts.enabled meant?'],
    ['onEnd', { onEnd: [] }, 'made: onEnd must be a function, not an array'],
    ['timeot', { timeot: 5 }, 'made: timeot is unknown: is timeout meant?'],
    ['timeLimit', { timeLimit: 5 }, 'made: timeLimit is not an option: use timeout'],
    ['parts.kind', { parts: {} }, 'made: parts.kind is missing: it must be a text'],
    ['options', null, 'made: options must be an object, not null']
  ])('refuse %s by its name: %j', (option, given, message) => {
    let error: unknown
    try {
      check(given)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ name: 'InvalidParametersError', option, message })
  })

  it('take what is right, what is left out and what is undefined, whatever its name', () => {
    expect(logged(check({}))).toEqual([])
    const undefinedOnes = { timeot: undefined, timeout: undefined, timeLimit: undefined, anything: undefined }
    expect(logged(check(undefinedOnes))).toEqual([])
    expect(logged(check({ timeout: 1, count: Number.POSITIVE_INFINITY, names: [], parts: { kind: 'a' } }))).toEqual([])
  })

  it('log unknown names and names without an equivalent, once', () => {
    const tell = check({ keychain: {}, idleTime: 5 })
    expect(logged(tell)).toEqual(['libp2p:options made idleTime (true)', 'libp2p:options:warn made keychain (true)'])
    expect(logged(tell)).toEqual([])
  })

  it('of instances are held to kinds, not to names: they have fields of their own', () => {
    class Given {
      readonly timeot = 5
      get timeout(): string {
        return 'long'
      }
    }
    expect(() => check(new Given())).toThrow('timeout must be a number')
    expect(logged(check(Object.assign(Object.create({ timeout: 5 }) as object, { timeot: 5 })))).toEqual([])
  })

  it('say that a factory was not called where they are the components of a node', () => {
    const components = { [componentsSymbol]: true, timeout: 'a component' }
    expect(() => check(components)).toThrow('the factory was not called: write made(), not made')
  })

  it('take short names of other things: one edit apart is a mistake, two is another word', () => {
    const short: OptionTable<{ dns?: unknown }> = { dns: flag }
    expect(() => checkOptions('', short, { dms: true })).toThrow('dms is unknown: is dns meant?')
    expect(logged(checkOptions('', short, { tls: true }))).toEqual(['libp2p:options:warn createLibp2p tls (true)'])
  })
})
