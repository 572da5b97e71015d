/** Questions and answers of providers and records in the local network: what is read is written as the same bytes again. */
import { equals } from '@weft/bytes'
import {
  maxMessageSize as maxRecords,
  recordAnswer,
  recordRequest
} from '../../packages/records/mdns-record-store/src/core/messages.ts'
import {
  maxMessageSize as maxProviders,
  providersAnswer,
  providersRequest
} from '../../packages/routing/mdns-routing/src/core/messages.ts'

export const name = 'mdns-messages'

const codecs = [
  { codec: providersRequest, maxSize: maxProviders },
  { codec: providersAnswer, maxSize: maxProviders },
  { codec: recordRequest, maxSize: maxRecords },
  { codec: recordAnswer, maxSize: maxRecords }
]

/** The first byte says which of them it is. */
export function fuzz(input: Uint8Array): void {
  const { codec, maxSize } = codecs[(input[0] ?? 0) % codecs.length]!
  try {
    const once = codec.encode(codec.decode(input.subarray(1), { maxSize }) as never)
    const twice = codec.encode(codec.decode(once, { maxSize }) as never)
    if (!equals(once, twice)) throw new Error('it is not written as it was read')
  } catch (error) {
    if ((error as Error).name !== 'ProtobufError') throw error
  }
}
