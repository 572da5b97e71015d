import { maxAddresses, maxParsedItems, maxProtocols } from './limits.ts'
import type { IdentifyMessage } from './message.ts'
import { cleanText, isProtocolName } from './text.ts'

/**
 * The messages of one answer as one. Of single fields the last counts, lists are joined. Of the lists the first 128
 * protocols and 64 addresses stay; names that are no protocol's are left out, and texts lose what must not be printed.
 */
export function mergeMessages(messages: readonly IdentifyMessage[]): IdentifyMessage {
  const merged: IdentifyMessage = { listenAddrs: [], protocols: [] }
  const protocols = new Set<string>()
  let seen = 0
  for (const message of messages) {
    const { listenAddrs, protocols: names, ...single } = message
    Object.assign(merged, single)
    merged.listenAddrs.push(...listenAddrs.slice(0, maxAddresses - merged.listenAddrs.length))
    for (const name of names) {
      if (seen++ >= maxParsedItems || protocols.size >= maxProtocols) break
      if (isProtocolName(name)) protocols.add(name)
    }
  }
  merged.protocols = [...protocols]
  if (merged.agentVersion !== undefined) merged.agentVersion = cleanText(merged.agentVersion)
  if (merged.protocolVersion !== undefined) merged.protocolVersion = cleanText(merged.protocolVersion)
  return merged
}
