import { checkOptions as checkTable, describeValue, InvalidParametersError, type TellNotices } from '@weft/errors'
import { type Components, reservedNames } from '@weft/interface-node'
import { optionTable } from './option-table.ts'
import type { Libp2pOptions } from './options.ts'

/** The methods that make a part what it is, by the option whose factories make it. */
const methodsOf: Readonly<Record<string, readonly string[]>> = {
  transports: ['dial', 'createListener'],
  streamMuxers: ['createStreamMuxer'],
  connectionEncrypters: ['secureInbound', 'secureOutbound'],
  metrics: ['registerMetric'],
  connectionProtector: ['protect']
}

/**
 * Throws `InvalidParametersError`, whose `option` names what cannot be as it is. Parts check their own options too.
 * Returns what logs the names that have no effect.
 */
export function checkOptions(init: Libp2pOptions): TellNotices {
  const tell = checkTable('', optionTable, init)
  for (const [name, factory] of Object.entries(init.services ?? {})) {
    if (reservedNames.has(name)) refuse(`services.${name}`, 'has a name that no service can have')
    if (typeof factory !== 'function') {
      refuse(`services.${name}`, `must be a function (components) => service, not ${describeValue(factory, false)}`)
    }
  }
  const forced = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
  if (init.connectionProtector == null && forced?.['LIBP2P_FORCE_PNET'] === '1') {
    refuse('connectionProtector', 'must be there, as LIBP2P_FORCE_PNET is 1')
  }
  return tell
}

/**
 * Calls a factory of the user's. Throws `InvalidParametersError` for one that is the function which makes factories
 * (`tcp` instead of `tcp()`), or that makes no part.
 */
export function makePart<P>(option: string, factory: (components: Components) => P, components: Components): P {
  const part = callFactory(option, factory, components)
  if (part == null) refuse(option, 'made nothing')
  if (typeof part === 'function') refuse(option, notCalled(factory.name))
  const methods = methodsOf[option.replace(/\[.*/, '')] ?? []
  const missing = methods.find(name => typeof (part as Record<string, unknown>)[name] !== 'function')
  if (missing !== undefined) refuse(option, `made ${describeValue(part, false)}, which has no ${missing}()`)
  return part
}

/** Calls a factory of the user's. An error of one that was not called bears the name of the option. */
export function callFactory<P>(option: string, factory: (components: Components) => P, components: Components): P {
  try {
    return factory(components)
  } catch (error) {
    const { notCalled: name } = error as { notCalled?: string }
    if (name === undefined) throw error
    return refuse(option, notCalled(name))
  }
}

/** Throws if two parts have one protocol: only one of them could ever be chosen. */
export function checkUnique(option: string, parts: ReadonlyArray<{ protocol: string }>): void {
  parts.forEach(({ protocol }, i) => {
    const first = parts.findIndex(part => part.protocol === protocol)
    if (first !== i) refuse(`${option}[${i}]`, `has the protocol of ${option}[${first}], ${protocol}`)
  })
}

/** Throws `InvalidParametersError` for that option. */
export function refuse(option: string, why: string): never {
  throw new InvalidParametersError(`${option} ${why}`, { facts: { option } })
}

function notCalled(name: string): string {
  return `was not called: write ${name}(), not ${name}`
}
