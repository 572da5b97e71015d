import type { ProtocolCodec, Registry } from '@multiformats/multiaddr'
import { InvalidParametersError } from '@weft/errors'
import { InvalidMultiaddrError } from './errors.ts'
import { type Protocol, protocols, V } from './protocols.ts'

const byCode = new Map<number, Protocol>()
const byName = new Map<string, Protocol>()
for (const protocol of protocols) add(protocol)

/**
 * The protocols that addresses may use, for the whole process. It holds those of multiformats/multiaddr; a program can
 * add its own, and remove them again.
 */
export const registry: Registry = {
  /** Throws `InvalidMultiaddrError` (`ERR_UNKNOWN_PROTOCOL`). */
  getProtocol,
  /**
   * Replaces a protocol of the same code or name. `size` is in bits: `V` for a variable length, 0 or none for no value.
   * Throws `InvalidParametersError` for another size than whole bytes.
   */
  addProtocol(codec) {
    const size = codec.size ?? 0
    if (size !== V && (!Number.isSafeInteger(size) || size < 0 || size % 8 !== 0)) {
      throw new InvalidParametersError(`size of /${codec.name} must be V or a multiple of 8 bits`)
    }
    add(codec)
  },
  /** Does nothing if there is no such protocol. */
  removeProtocol(code) {
    const found = byCode.get(code)
    if (found === undefined) return
    byCode.delete(code)
    for (const name of namesOf(found)) {
      // Another protocol may have taken the name since.
      if (byName.get(name) === found) byName.delete(name)
    }
  }
}

/** A protocol by its code or a name of it. Throws `InvalidMultiaddrError` (`ERR_UNKNOWN_PROTOCOL`). */
export function getProtocol(key: number | string): Protocol {
  const found = typeof key === 'number' ? byCode.get(key) : byName.get(key)
  if (found !== undefined) return found
  throw new InvalidMultiaddrError('ERR_UNKNOWN_PROTOCOL', `protocol ${String(key).slice(0, 32)} is unknown`, {
    facts: { protocol: key }
  })
}

function add(protocol: Protocol): void {
  byCode.set(protocol.code, protocol)
  for (const name of namesOf(protocol)) byName.set(name, protocol)
}

function namesOf(codec: ProtocolCodec): string[] {
  return [codec.name, ...(codec.aliases ?? [])]
}
