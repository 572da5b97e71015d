import type { Libp2p, ServiceMap } from '@libp2p/interface'

const methods = ['dial', 'dialProtocol', 'hangUp', 'handle', 'unhandle', 'getMultiaddrs', 'getProtocols']

/** Whether a value is a libp2p node, of this or another implementation: by its methods. */
export function isLibp2p<T extends ServiceMap = ServiceMap>(value?: unknown): value is Libp2p<T> {
  if (typeof value !== 'object' || value === null) return false
  return methods.every(name => typeof (value as Record<string, unknown>)[name] === 'function')
}
