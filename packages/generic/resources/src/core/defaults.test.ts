import { describe, expect, it } from 'vitest'
import { type DefaultsInit, defaultRules } from './defaults.ts'

function descriptors(init: Partial<DefaultsInit>): unknown {
  const base = { connections: 1024, connectionsInbound: 768, availableDescriptors: 10_000, maxParallelDials: 100 }
  const rule = defaultRules({ ...base, ...init }).find(({ resource }) => resource === 'fileDescriptors')!
  return rule.ruled?.value ?? rule.default
}

describe('the limit of sockets', () => {
  it.each<[number, Partial<DefaultsInit>]>([
    [4096, {}],
    [4096, { availableDescriptors: Number.POSITIVE_INFINITY }],
    [896, { availableDescriptors: 896 }],
    [4096, { maxConnections: 3000 }],
    [8100, { maxConnections: 8000 }],
    [10_000, { maxConnections: 50_000 }],
    [896, { maxConnections: 50_000, availableDescriptors: 896 }]
  ])('is %d with %o: what is asked for, and never more than the process may have', (expected, init) => {
    expect(descriptors(init)).toBe(expected)
  })
})
