import { serviceCapabilities, serviceDependencies } from '../symbols.ts'
import { UnmetServiceDependenciesError } from './errors.ts'

/**
 * Throws `UnmetServiceDependenciesError` for the first component that needs a capability which none declares. Components
 * declare both as arrays of text under `serviceCapabilities` and `serviceDependencies`.
 */
export function checkServiceDependencies(components: Readonly<Record<string, unknown>>): void {
  const parts = Object.entries(components)
  const capabilities = new Set(parts.flatMap(([, part]) => listUnder(part, serviceCapabilities)))
  for (const [name, part] of parts) {
    const missing = listUnder(part, serviceDependencies).find(needed => !capabilities.has(needed))
    if (missing !== undefined) throw new UnmetServiceDependenciesError(labelOf(part) ?? name, missing)
  }
}

function listUnder(part: unknown, symbol: symbol): readonly string[] {
  const list = (part as Record<symbol, unknown> | null | undefined)?.[symbol]
  return Array.isArray(list) ? list : []
}

function labelOf(part: unknown): string | undefined {
  return (part as { [Symbol.toStringTag]?: string })[Symbol.toStringTag]
}
