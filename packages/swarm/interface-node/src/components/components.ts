/** The container of a node's parts: what factories are given, and what starts and stops them all. */
import type { ComponentLogger, Startable } from '@libp2p/interface'
import { componentsSymbol } from '@weft/errors'
import type { Components } from '../contracts.ts'
import { MissingServiceError } from './errors.ts'

const phases = ['beforeStart', 'start', 'afterStart', 'beforeStop', 'stop', 'afterStop'] as const
type Phase = (typeof phases)[number]

const optional = new Set(['metrics', 'connectionProtector', 'dns', 'resourceManager'])

/** Names that no component can have: they mean something on the container itself. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...phases,
  ...['components', 'isStarted', 'then', 'toJSON'],
  ...Object.getOwnPropertyNames(Object.prototype)
])

/**
 * Names that others look for in any object, to tell what it is: promises, printers of values, test frameworks, frameworks
 * of pages. They are no missing parts.
 */
const lookedFor: ReadonlySet<string> = new Set([
  ...[
    'catch',
    'finally',
    'inspect',
    'length',
    'size',
    'asymmetricMatch',
    'nodeType',
    'nodeName',
    'tagName',
    'ownerDocument'
  ],
  ...[
    '$$typeof',
    '_isMockFunction',
    'isPrototypeOf',
    'toStringTag',
    'constructor',
    '__esModule',
    'default',
    'isImmutable'
  ]
])

/**
 * A container with these parts. Assigning a property adds a part; reading one that is not there throws
 * `MissingServiceError`, except `metrics`, `connectionProtector`, `dns` and `resourceManager`. `components` is the plain map of them.
 * As JSON it is the names of its parts.
 *
 * `start()` and its like call that method of every part which can be started and stopped, in parallel, each once,
 * and reject with the first error when all have ended; further errors are logged.
 */
export function createComponents(init: Partial<Components>): Components {
  const parts: Record<string, unknown> = Object.assign(Object.create(null), init)
  let started = false
  const own: Record<PropertyKey, unknown> = {
    [componentsSymbol]: true,
    components: parts,
    isStarted: () => started,
    // Parts know one another in circles, and one is the private key.
    toJSON: () => ({ components: Object.keys(parts) })
  }
  for (const phase of phases) {
    own[phase] = async () => {
      if (phase === 'stop') started = false
      await runPhase(parts, phase)
      if (phase === 'start') started = true
    }
  }
  return new Proxy(own, {
    get(target, name) {
      if (typeof name === 'symbol' || reservedNames.has(name)) return Reflect.get(target, name)
      const part = parts[name]
      if (part == null && !optional.has(name) && !isLookedFor(name)) throw new MissingServiceError(name)
      return part
    },
    set(target, name, value) {
      if (typeof name === 'symbol') return Reflect.set(target, name, value)
      parts[name] = value
      return true
    },
    has(target, name) {
      return Reflect.has(typeof name === 'symbol' || reservedNames.has(name) ? target : parts, name)
    }
  }) as unknown as Components
}

/** Numbers are looked for by Node's inspector where a proxy stands behind another. */
function isLookedFor(name: string): boolean {
  return lookedFor.has(name) || name.startsWith('@@__') || /^[0-9]+$/.test(name)
}

async function runPhase(parts: Record<string, unknown>, phase: Phase): Promise<void> {
  const startables = [...new Set(Object.values(parts))].filter(isStartable)
  const results = await Promise.allSettled(startables.map(async part => part[phase]?.()))
  const [first, ...others] = results.filter(result => result.status === 'rejected')
  const log = (parts['logger'] as ComponentLogger | undefined)?.forComponent('libp2p:components')
  for (const { reason } of others) log?.error('a further error during %s - %e', phase, reason)
  if (first !== undefined) throw first.reason
}

function isStartable(part: unknown): part is Startable {
  if (typeof part !== 'object' || part === null) return false
  const { start, stop } = part as Partial<Startable>
  return typeof start === 'function' && typeof stop === 'function'
}
