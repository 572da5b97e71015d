/** The accounts of a node under random use: every limit holds, what is refused changes nothing, and nothing stays. */
import { type ConnectionScope, ResourceManager, type ResourceManagerInit, type StreamScope } from '@weft/resources'
import {
  accountSteps,
  checkAccounts,
  checkServices,
  must,
  runStep,
  same
} from '../../packages/generic/resources/test/accounts.ts'

export const name = 'resource-accounts'

// All accounts are added up after each step.
export const minimum = 500
// So a step of three bytes costs as much as there is.
export const cost = { base: 100_000, perByte: 3000 }
const maxSteps = 100

/** The first ten bytes are limits; then three for each step. */
export function fuzz(input: Uint8Array): void {
  const manager = new ResourceManager({ resourceLimits: limitsOf(input) })
  const connections: ConnectionScope[] = []
  const streams: StreamScope[] = []
  for (let at = 10; at + 2 < Math.min(input.byteLength, 10 + 3 * maxSteps); at += 3) {
    const [what, on, amount] = [input[at]!, input[at + 1]!, input[at + 2]!]
    const before = manager.usage()
    try {
      const step = { what: accountSteps[what % accountSteps.length]!, on, amount: amount * 12, name: 'abc'[what % 3]! }
      runStep({ ...step, inbound: what >= 128 }, manager, connections, streams)
    } catch (error) {
      if ((error as Error).name !== 'ResourceLimitError') throw error
      must(same(manager.usage(), before), 'changes nothing when it refuses')
    }
    checkAccounts(manager)
    checkServices(manager, streams)
  }
  for (const scope of [...streams, ...connections]) scope.close()
  for (const { used } of manager.usage()) {
    for (const held of Object.values(used)) must(held === 0, 'is empty once everything is closed')
  }
  must(manager.usage().length === 2, 'is forgotten once everything is closed')
}

function limitsOf(input: Uint8Array): NonNullable<ResourceManagerInit['resourceLimits']> {
  const byte = (i: number): number => input[i] ?? 255
  return {
    system: { connections: byte(0) % 9, streams: byte(1) % 21, memory: byte(2) * 3600 },
    transient: { pendingInbound: byte(3) % 5, memory: byte(4) * 600 },
    peer: { connections: byte(5) % 4, memory: byte(6) * 480 },
    protocol: { streams: byte(7) % 7, memory: byte(7) * 160 },
    service: { streams: byte(8) % 9, memory: byte(8) * 240 },
    connection: { memory: byte(9) * 32, unsent: byte(9) * 1600 }
  }
}
