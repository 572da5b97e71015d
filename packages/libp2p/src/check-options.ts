import { InvalidParametersError } from '@weft/errors'
import { reservedNames } from '@weft/interface-node'
import type { Libp2pInit } from './options.ts'

const factoryLists = [
  'transports',
  'streamMuxers',
  'connectionEncrypters',
  'peerDiscovery',
  'peerRouters',
  'contentRouters'
] as const
const factories = ['metrics', 'connectionProtector'] as const

/** Numbers that are milliseconds or counts, which may be 0. */
const amounts: Readonly<Record<string, readonly string[]>> = {
  addresses: ['maxObservedAddresses', 'addressVerificationTTL', 'addressVerificationRetry'],
  connectionManager: [
    'connectionCloseTimeout',
    'inboundUpgradeTimeout',
    'inboundUpgradeMinRate',
    'inboundStreamProtocolNegotiationTimeout',
    'outboundStreamProtocolNegotiationTimeout',
    'inboundConnectionThreshold',
    'maxIncomingPendingConnections',
    'maxIncomingPendingPerAddress',
    'inboundConnectionBurst',
    'maxInboundConnections',
    'maxConnectionsPerAddress',
    'maxConnectionsPerNetwork',
    'lowWater',
    'highWater',
    'gracePeriod',
    'silencePeriod',
    'reconnectRetries',
    'reconnectRetryInterval',
    'reconnectBackoffFactor'
  ],
  'connectionMonitor.pingTimeout': ['minTimeout', 'timeoutMultiplier', 'failureMultiplier']
}

/** Numbers that must be more than 0. */
const positive: Readonly<Record<string, readonly string[]>> = {
  connectionManager: [
    'maxConnections',
    'maxConnectionsPerPeer',
    'maxParallelDials',
    'maxDialQueueLength',
    'maxPeerAddrsToDial',
    'dialTimeout',
    'addressDialTimeout',
    'maxParallelReconnects'
  ],
  connectionMonitor: ['pingInterval'],
  'connectionMonitor.pingTimeout': ['interval', 'maxTimeout']
}

/** Throws `InvalidParametersError`, whose `option` names what cannot be as it is. Parts check their own options too. */
export function checkOptions(init: Libp2pInit): void {
  for (const option of factoryLists) {
    const list: unknown = init[option] ?? []
    if (!Array.isArray(list)) refuse(option, 'must be an array of functions')
    else list.forEach((factory, i) => checkFunction(`${option}[${i}]`, factory))
  }
  for (const option of factories) if (init[option] != null) checkFunction(option, init[option])
  for (const [name, factory] of Object.entries(init.services ?? {})) {
    if (reservedNames.has(name)) refuse(`services.${name}`, 'has a name that no service can have')
    checkFunction(`services.${name}`, factory)
  }
  for (const option of ['listen', 'announce', 'appendAnnounce', 'noAnnounce'] as const) {
    const list: unknown = init.addresses?.[option]
    if (list !== undefined && !Array.isArray(list)) refuse(`addresses.${option}`, 'must be an array of multiaddrs')
  }
  checkNumbers(init, amounts, 'must be a number of 0 or more', value => value >= 0)
  checkNumbers(init, positive, 'must be a number greater than 0', value => value > 0)
  const faultTolerance: unknown = init.transportManager?.faultTolerance
  if (faultTolerance !== undefined && faultTolerance !== 0 && faultTolerance !== 1) {
    refuse('transportManager.faultTolerance', 'must be FATAL_ALL (0) or NO_FATAL (1)')
  }
  const forced = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
  if (init.connectionProtector == null && forced?.['LIBP2P_FORCE_PNET'] !== undefined) {
    refuse('connectionProtector', 'must be there, as LIBP2P_FORCE_PNET is set')
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

function checkFunction(option: string, value: unknown): void {
  if (typeof value !== 'function') refuse(option, 'is no function: factories are called as (components) => instance')
}

function checkNumbers(
  init: object,
  groups: Readonly<Record<string, readonly string[]>>,
  rule: string,
  isRight: (value: number) => boolean
): void {
  for (const [path, names] of Object.entries(groups)) {
    const group = path
      .split('.')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], init)
    for (const name of names) {
      const value = (group as Record<string, unknown> | undefined)?.[name]
      if (value !== undefined && !(typeof value === 'number' && isRight(value))) refuse(`${path}.${name}`, rule)
    }
  }
}
