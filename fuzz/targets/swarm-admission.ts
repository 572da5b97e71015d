/** The admission of inbound connections under any order of what happens: limits hold, who gives way is right. */
import { AdmissionWorld, type Operation } from '../../packages/swarm/swarm/test/admission-world.ts'

export const name = 'swarm-admission'

// Each operation is checked by counting what is there: more of them find nothing that fewer do not.
const maxOperations = 200

/** Two bytes an operation: what it is, and its number. */
export function fuzz(input: Uint8Array): void {
  const world = new AdmissionWorld()
  for (let at = 0; at < Math.min(input.byteLength - 1, 2 * maxOperations); at += 2)
    world.run(operationOf(input[at]!, input[at + 1]!))
  world.end()
}

function operationOf(what: number, number: number): Operation {
  const flags = what >> 3
  const kind = what % 8
  if (kind === 3) return { kind: 'settle', ticket: number }
  if (kind === 4) return { kind: 'release', ticket: number }
  if (kind === 5) return { kind: 'identify', ticket: number, peer: flags % 4, others: flags >> 4 }
  if (kind === 6) return { kind: 'dial', connections: number % 12 }
  if (kind === 7) return { kind: 'pass', ms: number * 8 }
  return { kind: 'come', source: number, allowed: flags % 16 === 1, exempt: flags % 16 === 2 }
}
