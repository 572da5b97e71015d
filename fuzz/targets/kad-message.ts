/** Messages of kad-dht: what is read is written in a form that reads the same, and answers keep their bound. */
import { maxReplyLength } from '../../packages/routing/kad-routing/src/core/limits.ts'
import { fitReply, type KadMessage, kadMessage } from '../../packages/routing/kad-routing/src/core/message.ts'
import { providerKeyOf } from '../../packages/routing/kad-routing/src/core/provider-key.ts'

export const name = 'kad-message'

export function fuzz(input: Uint8Array): void {
  let message: KadMessage
  try {
    message = kadMessage.decode(input)
  } catch (error) {
    if (['ProtobufError', 'RangeError'].includes((error as Error).name)) return
    throw error
  }
  const encoded = kadMessage.encode(message)
  if (kadMessage.encode(kadMessage.decode(encoded)).join() !== encoded.join()) throw new Error('it was not read back')
  const key = providerKeyOf(message.key)
  if (key !== undefined && providerKeyOf(key) === undefined) throw new Error('a key of a provider record is none')

  const { record: _, ...peers } = message
  const fitted = kadMessage.encode(fitReply(peers))
  if (fitted.byteLength > maxReplyLength) throw new Error(`an answer has ${fitted.byteLength} bytes`)
}
