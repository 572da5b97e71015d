/** What a client of the control socket asks: whatever it names, it is answered, or refused by a typed error in one line. */
import { isMultiaddr } from '@weft/multiaddr'
import { ResourceManager } from '@weft/resources'
import { answer } from '../../apps/cli/src/control/answer.ts'
import { maxLineLength } from '../../apps/cli/src/control/core/limits.ts'
import {
  encodeLine,
  errorReply,
  parseReply,
  parseRequest,
  type Request
} from '../../apps/cli/src/control/core/protocol.ts'

export const name = 'cli-control-server'

/** A node that has nothing, and whose dials fail. What is asked of it must be what it takes. */
const node = {
  components: {
    resourceManager: new ResourceManager(),
    connectionManager: {
      getDialRecords: () => [],
      clearBackoff: (peer?: object, address?: object) => (known(peer, address), 0)
    }
  },
  services: {},
  peerStore: { all: async () => [], get: async () => Promise.reject(named('NotFoundError')) },
  getConnections: (peer?: object) => (known(peer), []),
  getDialQueue: () => [],
  hangUp: async (peer: object) => known(peer),
  dial: async (target: object) => {
    for (const one of Array.isArray(target) ? (target as object[]) : [target]) known(one)
    throw named('DialError')
  },
  addEventListener() {},
  removeEventListener() {}
}

function known(...values: Array<object | undefined>): void {
  for (const value of values) {
    if (value === undefined) continue
    if (!('toMultihash' in value) && !isMultiaddr(value)) throw new Error('it is neither a peer nor an address')
  }
}

function named(name: string): Error {
  return Object.assign(new Error('no'), { name, code: 'ERR_NO' })
}

export async function fuzz(input: Uint8Array): Promise<void> {
  let request: Request
  try {
    request = parseRequest(input)
  } catch (error) {
    if ((error as Error).name !== 'ControlProtocolError') throw error
    return
  }
  const items = answer(node as never, request, new AbortController().signal)
  try {
    for (;;) {
      const { done, value } = await items.next()
      check(encodeLine(done === true ? { end: value } : { item: value }))
      if (done === true) return
    }
  } catch (error) {
    const { name, code } = error as Error & { code?: unknown }
    if (typeof code !== 'string' || !code.startsWith('ERR_') || !name.endsWith('Error')) throw error
    check(encodeLine(errorReply(error)))
  }
}

function check(line: Uint8Array): void {
  if (line.byteLength > maxLineLength + 1) throw new Error('a line is too long')
  parseReply(line.subarray(0, -1))
}
