/** `/weft/providers/1.0.0`: whether a peer provides a key. One question and one answer at a time, each behind its length. */
import { bool, bytes, field, implicit, type MessageCodec, message } from '@weft/protobuf'

/** The protocol. */
export const PROVIDERS_PROTOCOL = '/weft/providers/1.0.0'
/** Bytes of a key: a multihash, as in kad-dht. */
export const maxKeyLength = 80
/** Bytes of a message. */
export const maxMessageSize = 128

/** Does the peer provide this key? */
export interface ProvidersRequest {
  key: Uint8Array
}

/** Its answer. */
export interface ProvidersAnswer {
  provides: boolean
}

export const providersRequest: MessageCodec<ProvidersRequest> = message<ProvidersRequest>({
  key: field(1, implicit(bytes({ maxLength: maxKeyLength })))
})

export const providersAnswer: MessageCodec<ProvidersAnswer> = message<ProvidersAnswer>({
  provides: field(1, implicit(bool()))
})
