/** Identify messages: what is read is written in a form that reads the same, and merging keeps its bounds. */
import {
  maxAddresses,
  maxProtocolLength,
  maxProtocols,
  maxSentSize
} from '../../packages/swarm/identify/src/core/limits.ts'
import { encodeFitting } from '../../packages/swarm/identify/src/core/fit.ts'
import { mergeMessages } from '../../packages/swarm/identify/src/core/merge.ts'
import { type IdentifyMessage, identifyMessage } from '../../packages/swarm/identify/src/core/message.ts'

export const name = 'identify-message'

export function fuzz(input: Uint8Array): void {
  let message: IdentifyMessage
  try {
    message = identifyMessage.decode(input)
  } catch (error) {
    if ((error as Error).name === 'ProtobufError') return
    throw error
  }
  const encoded = identifyMessage.encode(message)
  if (identifyMessage.encode(identifyMessage.decode(encoded)).join() !== encoded.join()) {
    throw new Error('a message was not read back')
  }

  const merged = mergeMessages([message, message])
  if (merged.protocols.length > maxProtocols || merged.listenAddrs.length > maxAddresses) {
    throw new Error('a merged message has too many items')
  }
  for (const text of [...merged.protocols, merged.agentVersion ?? '', merged.protocolVersion ?? '']) {
    if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) throw new Error('a control character was kept')
    if (text.length > 2 * maxProtocolLength) throw new Error('a text is too long')
  }
  const { publicKey: _, observedAddr: __, ...sendable } = merged
  if (encodeFitting(sendable).messages.some(bytes => bytes.byteLength > maxSentSize))
    throw new Error('a message is too long to be sent')
}
